// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "greeter",
  dependencies: [
    .package(name: "eddy", path: "../..")
  ],
  targets: [
    .executableTarget(name: "Greeter", dependencies: [.product(name: "Eddy", package: "eddy")]),
    .testTarget(
      name: "GreeterTests", dependencies: ["Greeter", .product(name: "EddySimulation", package: "eddy")]),
  ]
)
