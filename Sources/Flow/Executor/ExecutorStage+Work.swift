internal import CatalogueView
internal import EventLog
internal import EventLoop
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import PythonSandbox
internal import Telemetry

/// From a record to work in a queue.
extension ExecutorStage {
  func take(_ record: ConsumedRecord, of owned: OwnedPartition) {
    owned.activeCount += 1
    do throws(ContractError) {
      let task = try TaskRecord(decoding: record)
      lastWork += 1
      let work = ExecutorWork(number: lastWork, task: task, record: record, partition: owned)
      waiting[work.number] = work
      awaitCatalogue(work, record)
    } catch {
      metrics.reject(error.code.name)
      logger.warning("a task cannot be understood and goes to the dead letters", signals(of: record, error))
      send(DeadLetterRecord(of: record, because: error).encoded(context: context)) { [self] _ in
        complete(record.position.offset, of: owned, resultOffset: nil)
      }
    }
  }

  private func signals(of record: ConsumedRecord, _ error: ContractError) -> [(String, String)] {
    [
      (ExecutorSignals.code, error.code.name), (ExecutorSignals.reason, error.message),
      (ExecutorSignals.partition, String(record.position.partition.partition)),
      (ExecutorSignals.offset, String(record.position.offset)),
    ]
  }

  /// A task that names an index is judged by a catalogue that has reached it: its gateway has seen the function there.
  private func awaitCatalogue(_ work: ExecutorWork, _ record: ConsumedRecord) {
    let index = work.task.catalogueIndex
    guard index > view.appliedIndex else { return resolve(work, record) }
    let go = { [weak self] in
      guard let self else { return }
      endCatalogueWait(of: work)
      resolve(work, record)
    }
    work.catalogueTimer = loop.schedule(after: ExecutorLimits.catalogueWait, go)
    work.catalogueWait = view.whenApplied(index, go)
  }

  /// An index that never comes must not keep the task.
  func endCatalogueWait(of work: ExecutorWork) {
    work.catalogueTimer?.cancel()
    work.catalogueTimer = nil
    if let wait = work.catalogueWait { view.cancel(wait) }
    work.catalogueWait = nil
  }

  private func resolve(_ work: ExecutorWork, _ record: ConsumedRecord) {
    guard !work.isWithdrawn, !isClosed else { return }
    let task = work.task
    let found =
      if let version = task.version { view.tables.version(version, of: task.function, in: task.namespace) } else {
        view.tables.latestVersion(of: task.function, in: task.namespace)
      }
    guard let found else { return bury(work, record) }
    work.version = found
    let key = FunctionKey(namespace: found.namespace, function: found.function, version: found.number)
    versions[key] = found
    let now = time
    work.queuedAt = now
    perform(dispatcher.enqueue(work.number, key, limit: Int(found.configuration.concurrency), at: now))
  }

  /// There is nothing to run: the caller is told, and the whole task is kept.
  private func bury(_ work: ExecutorWork, _ record: ConsumedRecord) {
    waiting[work.number] = nil
    let task = work.task
    let name = "\(task.namespace)/\(task.function)" + (task.version.map { ":\($0)" } ?? "")
    let error = ContractError(.unprocessable, "there is no function \(name)")
    metrics.reject(error.code.name)
    work.unacknowledged += 1
    send(DeadLetterRecord(of: record, because: error).encoded(context: context)) { [self] _ in acknowledged(work) }
    finish(work, ExecutorRules.notRun(.dead, type: "Function.NotFound", message: error.message))
  }
}
