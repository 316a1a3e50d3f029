/// What one runs a workload and a checker of one's own with: `import EddyWorkbench` is enough.
@_exported public import EddyCheckers
@_exported public import EddyEventLoop
@_exported public import EddyHistory
@_exported public import EddyNetwork
@_exported public import EddyNode
@_exported public import EddyProcessCluster
@_exported public import EddyReport
@_exported public import EddyRun
@_exported public import EddySimulation
@_exported public import EddyStore
@_exported public import EddyTiming
