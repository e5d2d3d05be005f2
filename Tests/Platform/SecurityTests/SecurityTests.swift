import Security
import Testing

@Suite struct SecurityTests {
  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  // FIPS 180-4's examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ]) func digestsAreThoseOfTheStandard(_ text: String, _ digest: String) {
    #expect(hexadecimal(SHA256.digest(text.utf8)) == digest)
  }

  @Test func piecesMakeTheSameDigestAsTheWhole() {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let hash = SHA256()
    for start in stride(from: 0, to: bytes.count, by: 77) { hash.update(bytes[start..<min(start + 77, bytes.count)]) }
    #expect(hash.digest() == SHA256.digest(bytes))
    #expect(hash.digest() == SHA256.digest(bytes), "asking twice changes nothing")
  }

  // RFC 4231, cases 1, 2 and 6.
  @Test func authenticationCodesAreThoseOfTheStandard() {
    let first = MessageAuthentication.code("Hi There".utf8, key: [UInt8](repeating: 0x0b, count: 20))
    #expect(hexadecimal(first) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    let second = MessageAuthentication.code("what do ya want for nothing?".utf8, key: Array("Jefe".utf8))
    #expect(hexadecimal(second) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    let sixth = MessageAuthentication.code(
      "Test Using Larger Than Block-Size Key - Hash Key First".utf8, key: [UInt8](repeating: 0xaa, count: 131))
    #expect(hexadecimal(sixth) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  @Test func comparisonTellsEqualFromDifferent() {
    #expect(MessageAuthentication.areEqual([1, 2, 3], [1, 2, 3]))
    #expect(!MessageAuthentication.areEqual([1, 2, 3], [1, 2, 4]))
    #expect(!MessageAuthentication.areEqual([1, 2, 3], [1, 2]))
    #expect(MessageAuthentication.areEqual([], []))
  }

  @Test func textFormsReadBackWhatTheyWrote() {
    for count in 0..<70 {
      let bytes = SecureRandom.bytes(count)
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
    #expect(Base64URL.encode(Array("f".utf8)) == "Zg" && Base64URL.encode([0xfb, 0xff]) == "-_8")
  }

  @Test(arguments: ["Z", "Zh", "Zg==", "-/", "Zg\n"]) func base64RefusesOtherForms(_ text: String) {
    #expect(Base64URL.decode(text) == nil)
  }

  @Test func randomBytesAreNotRepeated() {
    #expect(Set((0..<100).map { _ in SecureRandom.bytes(16) }).count == 100)
    var generator = SecureRandom()
    #expect(generator.next() != generator.next())
  }
}
