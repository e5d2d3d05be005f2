internal import CodeArchive
internal import CodeStore
internal import EventLoop
internal import FoundationEssentials
internal import MillraceDomain

/// Unpacked code by its digest, on disk. Confined to its loop, which makes it Sendable.
///
/// A package is unpacked beside its place and renamed, so that what is there is whole. The cache is emptied at the start: what a
/// crash of the machine has left is not trusted.
final class CodeCache: @unchecked Sendable {
  /// Why code is not there.
  struct Failure: Error, Sendable {
    let message: String
    let isRetriable: Bool
  }

  typealias Answer = (Swift.Result<String, Failure>) -> Void

  private let directory: String
  private let store: ContentStore
  private let loop: EventLoop
  private let pool: BlockingPool
  private var index = CodeCacheIndex(byteLimit: ExecutorLimits.cacheBytes)
  private var waiting: [CodeDigest: [Answer]] = [:]
  private var attempts = 0

  private init(directory: String, store: ContentStore, loop: EventLoop, pool: BlockingPool) {
    self.directory = directory
    self.store = store
    self.loop = loop
    self.pool = pool
  }

  /// Empties the cache in the directory, or makes both.
  static func open(
    _ directory: String, store: ContentStore, on loop: EventLoop
  ) async throws(ExecutorError) -> CodeCache {
    do {
      let pool = try BlockingPool(name: "code", threads: 1, queueLimit: 1024)
      let folder = try await pool.run { try CodeCacheFolder.prepare(in: directory) }
      return CodeCache(directory: folder, store: store, loop: loop, pool: pool)
    } catch { throw ExecutorError(.storage, "the directory for code, \(directory), cannot be used: \(error)") }
  }

  private func path(_ digest: CodeDigest) -> String { "\(directory)/\(digest)" }

  /// Answers with the directory of the code, which stays until ``release(_:)``; within this call where it is there already.
  func acquire(_ reference: CodeReference, _ answer: @escaping Answer) {
    precondition(loop.isCurrent)
    let digest = reference.digest
    if index.contains(digest) {
      index.acquire(digest)
      return answer(.success(path(digest)))
    }
    waiting[digest, default: []].append(answer)
    guard waiting[digest]!.count == 1 else { return }
    loop.spawn { [self] in
      let outcome = await fetch(reference)
      let answers = waiting.removeValue(forKey: digest) ?? []
      for answer in answers {
        if case .success = outcome { index.acquire(digest) }
        answer(outcome)
      }
    }
  }

  /// The code is not used any more by who has acquired it.
  func release(_ digest: CodeDigest) {
    precondition(loop.isCurrent)
    index.release(digest)
  }

  private func fetch(_ reference: CodeReference) async -> Swift.Result<String, Failure> {
    attempts += 1
    let place = path(reference.digest)
    let beside = "\(place).\(attempts)"
    do {
      let bytes = try await store.fetch(reference)
      let size = try await pool.run {
        let archive = try CodeArchive(bytes)
        do {
          try ArchiveUnpacker.unpack(archive, into: beside)
          try FileManager.default.moveItem(atPath: beside, toPath: place)
        } catch {
          try? FileManager.default.removeItem(atPath: beside)
          throw error
        }
        return archive.entries.reduce(0) { $0 + Int($1.byteCount) }
      }
      remove(index.insert(reference.digest, byteCount: size))
      return .success(place)
    } catch let error as CodeStoreError {
      return .failure(Failure(message: error.description, isRetriable: error.isRetriable))
    } catch let error as CodeArchiveError {
      return .failure(Failure(message: "the function's code cannot be unpacked: \(error)", isRetriable: false))
    } catch {
      return .failure(Failure(message: "the function's code cannot be kept: \(error)", isRetriable: true))
    }
  }

  private func remove(_ digests: [CodeDigest]) {
    for digest in digests {
      // Renamed first: should it be wanted again meanwhile, its place is free.
      let (place, doomed) = (path(digest), "\(path(digest)).removed")
      loop.spawn { [pool] in
        _ = try? await pool.run {
          try FileManager.default.moveItem(atPath: place, toPath: doomed)
          try FileManager.default.removeItem(atPath: doomed)
        }
      }
    }
  }
}
