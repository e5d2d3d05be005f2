internal import MillraceDomain

extension CatalogueState {
  mutating func create(
    _ token: CatalogueToken, _ changes: inout [CatalogueChange]
  ) throws(CatalogueRejection) -> CatalogueToken {
    try requireNamespace(token.namespace)
    if let existing = tokens[token.id] {
      guard existing.secretDigest == token.secretDigest, existing.name == token.name,
        existing.namespace == token.namespace
      else { throw CatalogueRejection(.conflict, "the id \(token.id) belongs to another token") }
      return existing
    }
    guard Hexadecimal.bytes(of: token.secretDigest)?.count == 32 else {
      throw CatalogueRejection(.badValue, "a token's digest is 64 hexadecimal digits")
    }
    guard (1...CatalogueLimits.tokenNameCharacters).contains(token.name.unicodeScalars.count) else {
      throw CatalogueRejection(.badValue, "a token's name has 1 to \(CatalogueLimits.tokenNameCharacters) characters")
    }
    guard tokens.count < CatalogueLimits.tokens else {
      throw CatalogueRejection(.limitExceeded, "there are \(tokens.count) tokens already")
    }
    tokens[token.id] = token
    changes.append(.put(.token(token)))
    return token
  }

  mutating func revokeToken(
    _ id: TokenID, _ changes: inout [CatalogueChange]
  ) throws(CatalogueRejection) -> CatalogueToken {
    guard var token = tokens[id] else { throw CatalogueRejection(.unknownToken, "there is no token \(id)") }
    guard !token.isRevoked else { return token }
    token.isRevoked = true
    tokens[id] = token
    changes.append(.put(.token(token)))
    return token
  }
}
