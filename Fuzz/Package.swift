// swift-tools-version: 6.2
import PackageDescription

// A separate package, because libFuzzer is linked only in builds for fuzzing: `make fuzz`.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "eddy", path: "..")],
  targets: [
    .target(name: "CLibFuzzer"),
    .executableTarget(
      name: "FuzzCodec", dependencies: ["CLibFuzzer", .product(name: "Eddy", package: "eddy")]),
    .executableTarget(
      name: "FuzzStorage", dependencies: ["CLibFuzzer", .product(name: "Eddy", package: "eddy")]),
    .executableTarget(
      name: "FuzzNode", dependencies: ["CLibFuzzer", .product(name: "Eddy", package: "eddy")]),
    .executableTarget(
      name: "FuzzRun",
      dependencies: [
        "CLibFuzzer", .product(name: "Eddy", package: "eddy"),
        .product(name: "EddyWorkbench", package: "eddy"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
