import Storage
import Testing

@Suite struct JSONDocumentTests {
  private let document = JSONDocument(
    [
      "name": "api", "rows": [["n": 1, "x": 2.5], ["n": 2, "x": "NaN"]], "none": nil,
      "flag": true, "up": "+Inf", "down": "-Inf",
    ], source: "manifest.json")

  @Test func `members and elements are reached by name and place`() throws {
    #expect(try document["name"].string == "api")
    #expect(try document["flag"].bool)
    #expect(try document["rows"].elements.map { try $0["n"].integer } == [1, 2])
    #expect(try document["rows"].elements[0]["x"].number == 2.5)
    #expect(try document.members.map(\.key) == ["down", "flag", "name", "none", "rows", "up"])
  }

  @Test func `the spellings of numbers that are not finite are numbers`() throws {
    #expect(try document["rows"].elements[1]["x"].number.isNaN)
    #expect(try document["up"].number == .infinity)
    #expect(try document["down"].number == -.infinity)
  }

  @Test func `absent and null members are alike where they may be absent`() throws {
    #expect(try document.optional("none") == nil)
    #expect(try document.optional("other") == nil)
    #expect(try document.optional("name")?.string == "api")
  }

  @Test func `an error names the file, the place and what was expected`() {
    func message(_ body: () throws -> Void) -> String? {
      #expect(throws: StorageError.self) { try body() }?.description
    }
    #expect(
      message { _ = try document["rows"].elements[1]["x"].integer }
        == "manifest.json: rows[1].x: expected a whole number")
    #expect(
      message { _ = try document["gone"] } == "manifest.json: document: expected a member 'gone'")
    #expect(
      message { _ = try document["rows"].elements[0]["y"] }
        == "manifest.json: rows[0]: expected a member 'y'")
    #expect(message { _ = try document["name"]["x"] } == "manifest.json: name: expected an object")
    #expect(
      message { _ = try document["name"].members } == "manifest.json: name: expected an object")
    #expect(
      message { _ = try document["name"].optional("x") }
        == "manifest.json: name: expected an object")
    #expect(
      message { _ = try document["name"].elements } == "manifest.json: name: expected an array")
    #expect(message { _ = try document["name"].number } == "manifest.json: name: expected a number")
    #expect(
      message { _ = try document["name"].bool } == "manifest.json: name: expected true or false")
    #expect(message { _ = try document["flag"].string } == "manifest.json: flag: expected a string")
    #expect(
      message { _ = try document["rows"].elements[0]["x"].integer }
        == "manifest.json: rows[0].x: expected a whole number")
  }
}
