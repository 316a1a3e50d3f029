// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "lock",
  dependencies: [
    .package(name: "eddy", path: "../..")
  ],
  targets: [
    .executableTarget(name: "Lock", dependencies: [.product(name: "Eddy", package: "eddy")]),
    .testTarget(
      name: "LockTests", dependencies: ["Lock", .product(name: "EddySimulation", package: "eddy")]),
  ]
)
