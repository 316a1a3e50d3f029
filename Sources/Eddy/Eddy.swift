/// What one writes a node with: `import Eddy` is enough.
@_exported public import EddyDaemon
@_exported public import EddyNode
@_exported public import EddyTiming
