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

/// A module in `Sources/FOLDER` is named `EddyFOLDER`: no name collides in the graph of a package that
/// depends on this one, and no module is hidden by a type of its own name.
///
/// `Double.rounded()` and its like call libm, which nothing else links in a program without Foundation.
func library(_ folder: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: "Eddy" + folder, dependencies: dependencies, path: "Sources/" + folder, swiftSettings: strict,
    linkerSettings: [.linkedLibrary("m")])
}

func program(_ name: String, folder: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, path: folder, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "eddy",
  products: [
    // To write a node: `import Eddy`. `import EddyWorkloads` for Eddy's own nodes, and the gossip engine.
    .library(name: "Eddy", targets: ["Eddy", "EddyWorkloads"]),
    // Consensus for a system of one's own, without IO: `import EddyRaft`.
    .library(name: "EddyRaft", targets: ["EddyRaft"]),
    // To test a node in virtual time: `import EddySimulationTesting`, or `import EddySimulation` without files.
    .library(name: "EddySimulation", targets: ["EddySimulation", "EddySimulationTesting"]),
    // To run a workload and a checker of one's own, in real and in virtual time: `import EddyWorkbench`.
    .library(name: "EddyWorkbench", targets: ["EddyWorkbench"]),
    .executable(name: "eddy-node", targets: ["EddyNodeTool"]),
    .executable(name: "eddy", targets: ["EddyTool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // What a node is, without IO.
    library("Timing"),
    library("Node", ["EddyTiming"]),
    // Consensus, without IO and without Maelstrom.
    library("Raft", ["EddyTiming"]),
    library("Workloads", ["EddyNode", "EddyRaft", "EddyTiming"]),

    // The event loop, and the daemon that joins a node to it.
    .target(name: "CEddyEventLoop", path: "Sources/CEventLoop"),
    library("EventLoop", ["CEddyEventLoop", "EddyTiming"]),
    // Child processes and files, which the daemon does without.
    .target(name: "CEddyProcess", dependencies: ["CEddyEventLoop"], path: "Sources/CProcess"),
    library("Process", ["CEddyEventLoop", "CEddyProcess", "EddyEventLoop", "EddyTiming"]),
    // The files of a node's disk.
    .target(name: "CEddyStorage", dependencies: ["CEddyEventLoop"], path: "Sources/CStorage"),
    library("Daemon", ["CEddyStorage", "EddyEventLoop", "EddyNode", "EddyTiming"]),
    // One import for whoever writes a node.
    .target(
      name: "Eddy", dependencies: ["EddyDaemon", "EddyNode", "EddyTiming"], path: "Sources/Eddy",
      swiftSettings: strict),
    // Eddy's own workloads with their flags: what the daemon and the simulator offer.
    library("Registry", ["EddyNode", "EddyWorkloads", argumentParser]),
    program(
      "EddyNodeTool", folder: "Sources/Programs/eddy-node",
      ["EddyDaemon", "EddyNode", "EddyRegistry", argumentParser]),

    // The workbench. Checkers know histories and nothing else, a report knows no run, and only the
    // drivers of real processes and of files see the event loop.
    library("History", ["EddyNode", "EddyTiming"]),
    library("Checkers", ["EddyHistory", "EddyNode", "EddyTiming"]),
    library("Network", ["EddyHistory", "EddyNode", "EddyTiming"]),
    library("Run", ["EddyCheckers", "EddyHistory", "EddyNetwork", "EddyNode", "EddyTiming"]),
    library(
      "Simulation", ["EddyCheckers", "EddyHistory", "EddyNetwork", "EddyNode", "EddyRun", "EddyTiming"]),
    // Programs in virtual time: ptrace and seccomp, the kernel as the programs see it, and the nodes they are.
    .target(name: "CEddyVirtualProcess", dependencies: ["CEddyEventLoop"], path: "Sources/CVirtualProcess"),
    library("VirtualKernel", ["EddyNode", "EddyTiming"]),
    library(
      "VirtualProcesses",
      [
        "CEddyVirtualProcess", "EddyEventLoop", "EddyHistory", "EddyNode", "EddyRun", "EddySimulation",
        "EddyTiming", "EddyVirtualKernel",
      ]),
    library("Report", ["EddyCheckers", "EddyHistory", "EddyNetwork", "EddyNode", "EddyTiming"]),
    library(
      "ProcessCluster",
      ["EddyEventLoop", "EddyProcess", "EddyHistory", "EddyNetwork", "EddyNode", "EddyRun", "EddyTiming"]),
    // The files that a run leaves behind.
    library(
      "Store",
      [
        "EddyCheckers", "EddyEventLoop", "EddyProcess", "EddyHistory", "EddyNetwork", "EddyNode",
        "EddyReport", "EddyRun", "EddySimulation", "EddyTiming",
      ]),
    // For other packages' tests: what a failing one was about, drawn.
    library(
      "SimulationTesting",
      [
        "EddyEventLoop", "EddyProcess", "EddyHistory", "EddyNetwork", "EddyNode", "EddyReport",
        "EddySimulation",
        "EddyTiming",
      ]),
    // One import for whoever runs a workload of their own.
    library(
      "Workbench",
      [
        "EddyCheckers", "EddyEventLoop", "EddyHistory", "EddyNetwork", "EddyNode", "EddyProcessCluster",
        "EddyReport", "EddyRun", "EddySimulation", "EddyStore", "EddyTiming",
      ]),
    program(
      "EddyTool", folder: "Sources/Programs/eddy",
      [
        "EddyEventLoop", "EddyProcess", "EddyProcessCluster", "EddyStore", "EddyCheckers", "EddyHistory",
        "EddyNetwork", "EddyVirtualKernel", "EddyVirtualProcesses",
        "EddyReport", "EddyRun", "EddySimulation", "EddyRegistry", "EddyNode",
        "EddyTiming", argumentParser,
      ]),

    // What `make bench` measures from within; no product.
    program(
      "LoopBenchmark", folder: "Benchmarks/LoopBenchmark",
      ["EddyDaemon", "EddyEventLoop", "EddyNode", "EddyTiming", "EddyWorkloads"]),

    // Checks the sources, the documents and the Makefile against the project's conventions.
    tests("HouseRulesTests", []),
    // A node with a disk as a program, for tests that kill it; no product.
    program("DurableNode", folder: "Tests/DurableNode", ["EddyDaemon", "StorageTesting"]),
    tests("TimingTests", ["EddyTiming"]),
    tests("EventLoopTests", ["EddyEventLoop", "CEddyEventLoop", "EddyProcess", "EddyTiming", "PipeTesting"]),
    tests("ProcessTests", ["EddyEventLoop", "EddyProcess", "EddyTiming", "PipeTesting"]),
    // Pipes for the tests of both.
    .target(
      name: "PipeTesting", dependencies: ["EddyEventLoop", "EddyProcess"], path: "Tests/PipeTesting",
      swiftSettings: strict),
    tests("RaftTests", ["EddyRaft", "EddyTiming", "GoldenFiles"], exclude: ["Transcripts", "mistakes.py"]),
    // Transcripts as they were when a person last read them.
    .target(name: "GoldenFiles", path: "Tests/GoldenFiles", swiftSettings: strict),
    tests("NodeTests", ["EddyNode", "EddyTiming"]),
    tests(
      "WorkloadsTests",
      [
        "EddyWorkloads", "EddyRegistry", "EddyCheckers", "EddyHistory", "EddyNetwork", "EddyReport",
        "EddyRun", "EddySimulation", "EddySimulationTesting", "EddyNode", "EddyTiming", "GoldenFiles",
      ],
      exclude: ["Transcripts"]),
    // Histories as tests write them: a line per operation.
    .target(
      name: "HistoryScripts", dependencies: ["EddyCheckers", "EddyHistory", "EddyNode", "EddyTiming"],
      path: "Tests/HistoryScripts", swiftSettings: strict),
    tests(
      "HistoryTests", ["EddyHistory", "EddyNode", "EddyRun", "EddyStore", "EddyTiming", "HistoryScripts"]),
    tests(
      "CheckersTests",
      ["EddyCheckers", "EddyHistory", "EddyNetwork", "EddyNode", "EddyRun", "EddyTiming", "HistoryScripts"]),
    tests("NetworkTests", ["EddyHistory", "EddyNetwork", "EddyNode", "EddyTiming"]),
    tests(
      "RunTests",
      [
        "EddyCheckers", "EddyHistory", "EddyNetwork", "EddyNode", "EddyRun", "EddySimulation", "EddyTiming",
        "EddyWorkloads", "HistoryScripts",
      ]),
    tests(
      "SimulationTests",
      [
        "EddyCheckers", "EddyHistory", "EddyNetwork", "EddyNode", "EddyRun", "EddySimulation", "EddyTiming",
        "HistoryScripts", "StorageTesting",
      ]),
    // A node with a disk, for tests of disks.
    .target(
      name: "StorageTesting", dependencies: ["EddyNode", "EddyTiming"], path: "Tests/StorageTesting",
      swiftSettings: strict),
    tests(
      "ReportTests",
      [
        "EddyCheckers", "EddyHistory", "EddyNetwork", "EddyNode", "EddyReport", "EddyRun", "EddySimulation",
        "EddyStore", "EddyTiming", "EddyWorkloads", "HistoryScripts",
      ]),
    // The kernel's decisions, without programs.
    tests("VirtualKernelTests", ["EddyNode", "EddyTiming", "EddyVirtualKernel"]),
    // Programs in virtual time. One of them makes each system call in every way; no product.
    .executableTarget(name: "SystemCallProbe", path: "Tests/SystemCallProbe"),
    tests(
      "VirtualProcessesTests",
      [
        "EddyCheckers", "EddyEventLoop", "EddyHistory", "EddyNode", "EddyProcess", "EddyRun",
        "EddySimulation",
        "EddyTiming", "EddyVirtualKernel", "EddyVirtualProcesses", "SystemCallProbe",
      ]),
    tests(
      "StoreTests",
      [
        "EddyStore", "EddyEventLoop", "EddyProcess", "EddyCheckers", "EddyHistory", "EddyNetwork",
        "EddyReport", "EddyRun",
        "EddySimulation", "EddyWorkloads", "EddyNode", "EddyTiming",
      ]),
    // Histories that Maelstrom recorded and judged, judged anew.
    tests(
      "ParityTests",
      [
        "EddyStore", "EddyCheckers", "EddyHistory", "EddyNetwork", "EddyReport", "EddyRun", "EddySimulation",
        "EddyNode",
      ], exclude: ["Runs"]),
    // Every workload under every fault it survives, over hundreds of seeds.
    tests(
      "PropertyTests",
      [
        "EddyRegistry", "EddyCheckers", "EddyHistory", "EddyNetwork", "EddyReport", "EddyRun",
        "EddySimulation", "EddyWorkloads", "EddyNode", "EddyTiming",
      ]),
    // Drives the built executables as their users do, through pipes.
    tests(
      "CommandLineTests",
      [
        "EddyTool", "EddyNodeTool", "DurableNode", "EddyEventLoop", "EddyProcess", "EddyDaemon",
        "EddyProcessCluster",
        "EddyCheckers",
        "EddyHistory", "EddyNetwork", "EddyReport", "EddyRun", "EddySimulation",
        "EddyNode", "EddyTiming",
      ],
      exclude: ["Nodes"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)

// `make docs` needs the plugin; whoever builds or depends on the package does not.
if Context.environment["EDDY_DOCS"] != nil {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
