package import Postgres

/// The database's schema, owned by the recorder; docs/reference/database.md describes it.
package enum Schema {
  /// All migrations there are. One that was released never changes.
  package static let migrations = [
    Migration(number: 1, name: "tables", script: PackageResources._001_tables_sql),
    Migration(number: 2, name: "analytics", script: PackageResources._002_analytics_sql),
  ]
}
