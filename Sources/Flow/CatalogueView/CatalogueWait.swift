/// Something that waits for an index of the catalogue; ``CatalogueView/cancel(_:)`` ends it.
package struct CatalogueWait: Hashable, Sendable {
  let number: UInt64
}
