/// The version of this package: what `eddy --version` and `eddy-node --version` print.
public enum EddyVersion {
  /// A semantic version, such as `1.2.0`.
  public static let current = "0.1.0"
}
