/// What one tests a node with: `import EddySimulationTesting` is enough.
@_exported public import EddyNetwork
@_exported public import EddyNode
@_exported public import EddySimulation
@_exported public import EddyTiming
