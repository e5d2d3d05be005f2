/// The bounds of a view.
enum CatalogueViewLimits {
  /// Kibibytes read ahead of what is applied.
  static let prefetchedKibibytes = 4_096
  /// How long to wait before a reader that failed for good is made anew.
  static let restartInterval: Duration = .seconds(1)
}
