import FoundationEssentials
import KafkaWire
import RealServers
import Streams
import Testing

/// What the built program tells of itself.
@Suite("Metrics", .serialized, .enabled(if: BrokerFixture.isAvailable, "the program is not built"))
struct MetricsTests {
  @Test("The page says what clients have done: requests, errors, records, bytes, commits, and what there is")
  func page() async throws {
    let port = FreePort.pick()
    let broker = try await BrokerFixture.start(words: ["--metrics-listen", "127.0.0.1:\(port)"])
    defer { broker.stop() }
    let address = try #require(StreamAddress(broker.bootstrapServers))
    let client = WireClient(address)
    try client.make("t", partitions: 3)
    let batch = WireClient.batch([[1], [2]])
    for _ in 0..<5 { #expect(try client.produce(batch, to: "t").errorCode == .none) }
    // Known by its number, and not appended again.
    let numbered = WireClient.batch([[3]]) {
      $0.producerID = 7
      $0.producerEpoch = 0
      $0.baseSequence = 0
    }
    for _ in 0..<2 { #expect(try client.produce(numbered, to: "t", 1).baseOffset == 0) }
    #expect(try client.produce(batch, to: "none").errorCode == .unknownTopicOrPartition)
    #expect(try client.fetch("t").batchOffsets == [0, 2, 4, 6, 8])
    #expect(try client.fetch("t", 2, waitMilliseconds: 1).batchOffsets == [])
    let waiter = WireClient(address)
    try waiter.post(WireClient.fetchRequest("t", 2, waitMilliseconds: 60_000), version: 11)

    let page = try Page(port)
    #expect(page.status == "HTTP/1.1 200 OK")
    #expect(page["broker_requests_total", "api=\"produce\""] == 8)
    #expect(page["broker_requests_total", "api=\"createTopics\""] == 1)
    #expect(page["broker_errors_total", "api=\"produce\",code=\"3\""] == 1)
    #expect(page["broker_request_seconds_count", "api=\"produce\""] == 8)
    #expect(page["broker_request_seconds_count", "api=\"fetch\""] == 2)
    #expect(page["broker_produced_batches_total"] == 6)
    #expect(page["broker_produced_records_total"] == 11)
    #expect(page["broker_produced_bytes_total"] == Double(5 * batch.count + numbered.count))
    #expect(page["broker_fetched_bytes_total"] == Double(5 * batch.count))
    let received = try #require(page["broker_received_bytes_total"])
    #expect(received > Double(7 * batch.count) && received < 10_000)
    let sent = try #require(page["broker_sent_bytes_total"])
    #expect(sent > Double(5 * batch.count) && sent < 10_000)
    let commits = try #require(page["broker_commit_seconds_count"])
    #expect((6...8).contains(commits))
    #expect(page["broker_commit_partitions_sum"] == commits)
    // One partition at a time: the journal has nothing to gather.
    #expect(page["broker_commit_synced_total"] == commits && page["broker_commit_journaled_total"] == 0)
    #expect(page["broker_producers"] == 1)
    // The second one that waits may not have come by yet; what is open is its connection and the first's.
    #expect((1...2).contains(try #require(page["broker_fetch_waits_total"])))
    #expect((1...2).contains(try #require(page["broker_connections"])))
    #expect(page["broker_topics"] == 2)
    #expect(page["broker_partitions"] == 4)
    #expect(page["broker_log_segments"] == 4)
    #expect(page["broker_log_bytes"] == Double(5 * batch.count + numbered.count))
    #expect(page["broker_reserve_bytes"] == Double(64 << 20))
    for name in [
      "broker_commit_refusals_total", "broker_disk_full", "broker_disk_refusals_total", "broker_request_stalls_total",
      "broker_group_members",
    ] {
      #expect(page[name] == 0, "\(name)")
    }
    #expect(try Page(port, "/healthz").text.hasSuffix("ok\n"))
    #expect(try Page(port, "/nothing").status.contains(" 404 "))
    try await everyMetricIsDocumented(page)
    #expect(try await broker.terminate() == 0)
  }

  /// Goal: the reference names what the page has, and nothing else.
  private func everyMetricIsDocumented(_ page: Page) async throws {
    let told = Set(
      page.text.split(separator: "\n").filter { $0.hasPrefix("# TYPE broker_") }.map {
        String($0.split(separator: " ")[2])
      })
    let root = #filePath.split(separator: "/").dropLast(5).joined(separator: "/")
    let reference = try String(contentsOfFile: "/\(root)/docs/reference/broker.md", encoding: .utf8)
    let documented = Set(
      reference.split(separator: "`").map(String.init).filter { word in
        word.hasPrefix("broker_") && word.allSatisfy { $0.isLetter || $0 == "_" }
      })
    #expect(told.subtracting(documented) == [], "these are missing in the reference")
    #expect(documented.subtracting(told) == [], "there are none of these")
  }
}

/// An answer of the page, and its metrics.
private struct Page {
  let text: String
  let status: String

  init(_ port: UInt16, _ path: String = "/metrics") throws {
    let client = WireClient(.tcp(host: "127.0.0.1", port: port))
    client.send(Array("GET \(path) HTTP/1.1\r\nHost: broker\r\nConnection: close\r\n\r\n".utf8))
    var bytes: [UInt8] = []
    while let byte = client.receive(1) { bytes += byte }
    text = String(decoding: bytes, as: UTF8.self)
    status = text.split(separator: "\r\n").first.map(String.init) ?? ""
  }

  subscript(_ name: String, _ labels: String = "") -> Double? {
    let start = labels.isEmpty ? "\(name) " : "\(name){\(labels)} "
    let line = text.split(separator: "\n").first { $0.hasPrefix(start) }
    return line.flatMap { Double($0.dropFirst(start.count)) }
  }
}
