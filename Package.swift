// swift-tools-version: 6.2
import PackageDescription

/// Every module is compiled in Swift 6 mode with these on: `any` is written out, and an
/// import is visible only in the file that writes it, so an arrow between modules cannot
/// appear by accident.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "eddy",
  products: [
    .library(name: "Eddy", targets: ["Node", "Daemon", "Workloads"]),
    .library(name: "EddySimulation", targets: ["Workbench", "Store", "SimulationTesting"]),
    .executable(name: "eddy-node", targets: ["eddy-node"]),
    .executable(name: "eddy", targets: ["eddy"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // What a node is, without IO.
    library("Timing"),
    library("Node", ["Timing"]),
    library("Workloads", ["Node", "Timing"]),

    // The event loop, and the daemon that joins a node to it.
    .target(name: "CEventLoop"),
    library("EventLoop", ["CEventLoop", "Timing"]),
    library("Daemon", ["EventLoop", "Node", "Timing"]),
    // Eddy's own workloads with their flags: what the daemon and the simulator offer.
    library("NodeCatalog", ["Node", "Workloads", argumentParser]),
    .executableTarget(
      name: "eddy-node", dependencies: ["Daemon", "Node", "NodeCatalog", argumentParser],
      swiftSettings: strict),

    // The workbench: its core without IO, the driver of real processes, the command line.
    library("Workbench", ["Node", "Timing"]),
    // For other packages' tests: what a failing one was about, drawn.
    library("SimulationTesting", ["Workbench", "EventLoop"]),
    library("ProcessCluster", ["EventLoop", "Workbench", "Timing"]),
    // The files that a run leaves behind.
    library("Store", ["EventLoop", "Workbench", "Node", "Timing"]),
    .executableTarget(
      name: "eddy",
      dependencies: [
        "EventLoop", "ProcessCluster", "Store", "Workbench", "NodeCatalog", "Node", "Timing", argumentParser,
      ],
      swiftSettings: strict),

    .executableTarget(
      name: "greeter", dependencies: ["Daemon", "Node"], path: "Examples/Greeter", swiftSettings: strict),

    // What `make bench` measures from within; no product.
    .executableTarget(
      name: "LoopBenchmark", dependencies: ["Daemon", "EventLoop", "Node", "Timing", "Workloads"],
      path: "Benchmarks/LoopBenchmark", swiftSettings: strict),

    // Holds the sources themselves to the rules of the house.
    tests("HouseRulesTests", []),
    tests("TimingTests", ["Timing"]),
    tests("EventLoopTests", ["EventLoop", "CEventLoop", "Timing"]),
    tests("NodeTests", ["Node", "Timing"]),
    tests(
      "WorkloadsTests", ["Workloads", "NodeCatalog", "Workbench", "SimulationTesting", "Node", "Timing"],
      exclude: ["Transcripts"]),
    tests("WorkbenchTests", ["Workbench", "Workloads", "Node", "Timing"]),
    tests("StoreTests", ["Store", "EventLoop", "Workbench", "Workloads", "Node", "Timing"]),
    // Histories that Maelstrom recorded and judged, judged anew.
    tests("ParityTests", ["Store", "Workbench", "Node"], exclude: ["Runs"]),
    // Every workload under every fault it survives, over hundreds of seeds.
    tests("PropertyTests", ["NodeCatalog", "Workbench", "Node", "Timing"]),
    // Drives the built executables as their users do, through pipes.
    tests(
      "CommandLineTests",
      ["eddy", "eddy-node", "EventLoop", "Daemon", "ProcessCluster", "Workbench", "Node", "Timing"],
      exclude: ["Nodes"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
