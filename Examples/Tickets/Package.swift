// swift-tools-version: 6.2
import PackageDescription

let node = Target.Dependency.product(name: "Eddy", package: "eddy")
let workbench = Target.Dependency.product(name: "EddyWorkbench", package: "eddy")

let package = Package(
  name: "tickets",
  dependencies: [
    .package(name: "eddy", path: "../..")
  ],
  targets: [
    // What a node does, and the program that does it.
    .target(name: "TicketNode", dependencies: [node]),
    .executableTarget(name: "ticket-node", dependencies: ["TicketNode", node]),
    // What clients ask for and how the answers are judged, and the program that runs it.
    .target(name: "TicketWorkload", dependencies: [workbench]),
    .executableTarget(name: "ticket-test", dependencies: ["TicketWorkload"]),
    .testTarget(
      name: "TicketTests", dependencies: ["TicketNode", "TicketWorkload", "ticket-node", workbench]),
  ]
)
