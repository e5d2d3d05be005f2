/// What a message may be at most, whatever its frame claims.
package enum WireLimits {
  /// Bytes of one string: what the two bytes of length of the older versions hold. Kafka keeps to it in all versions.
  package static let maximumStringByteCount = 32_767
  /// Elements of all arrays of one message together, so that a frame of empty elements cannot be unfolded
  /// into many times its size. A request for every partition of the largest broker has a hundredth of it.
  package static let maximumElementCount = 1 << 20
  /// Elements that an array makes room for ahead of reading them.
  static let reservedElementCount = 1_024
}
