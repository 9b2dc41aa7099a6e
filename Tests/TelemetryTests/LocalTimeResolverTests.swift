import Telemetry
import Testing

/// The instants of readings, in their order.
private func instants(_ zone: String, _ readings: [String]) throws -> [String] {
  var resolver = LocalTimeResolver(try #require(LocalZone(zone)))
  return try readings.map {
    resolver.resolve(try #require(CivilTime(rfc3339: $0))).time.description
  }
}

private func meanings(
  _ zone: String, _ readings: [String]
) throws -> [LocalTimeResolver.Meaning] {
  var resolver = LocalTimeResolver(try #require(LocalZone(zone)))
  return try readings.map { resolver.resolve(try #require(CivilTime(rfc3339: $0))).meaning }
}

@Suite struct LocalTimeResolverTests {
  /// Instants by Python's `zoneinfo`.
  @Test(arguments: [
    ("Europe/Berlin", "2026-01-15T12:00:00", "2026-01-15T11:00:00Z"),
    ("Europe/Berlin", "2026-07-15T12:00:00.250", "2026-07-15T10:00:00.250Z"),
    ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
    ("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:59:59", "2026-10-24T23:59:59Z"),
    ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
    ("America/New_York", "2026-03-08T01:59:59", "2026-03-08T06:59:59Z"),
    ("America/New_York", "2026-03-08T03:00:00", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T00:59:59", "2026-11-01T04:59:59Z"),
    ("America/New_York", "2026-11-01T02:00:00", "2026-11-01T07:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-05T01:29:59", "2026-04-04T14:29:59Z"),
    ("Australia/Lord_Howe", "2026-04-05T02:00:00", "2026-04-04T15:30:00Z"),
    ("Australia/Lord_Howe", "2026-10-04T02:30:00", "2026-10-03T15:30:00Z"),
    ("Europe/Moscow", "2014-10-26T00:59:59", "2014-10-25T20:59:59Z"),
    ("Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00Z"),
    ("Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59Z"),
    ("Asia/Kolkata", "1969-12-31T23:59:59.999", "1969-12-31T18:29:59.999Z"),
  ])
  func `a reading that occurs once is one instant`(
    _ zone: String, _ reading: String, _ utc: String
  ) throws {
    #expect(try instants(zone, [reading]) == [utc])
    #expect(try meanings(zone, [reading]) == [.unique])
  }

  @Test(arguments: [
    ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
    ("America/New_York", "2026-03-08T02:00:00", "2026-03-08T07:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-04T02:10:00", "2026-10-03T15:40:00Z"),
  ])
  func `a reading that does not occur is shifted by the time left out`(
    _ zone: String, _ reading: String, _ utc: String
  ) throws {
    #expect(try instants(zone, [reading]) == [utc])
    #expect(try meanings(zone, [reading]) == [.skipped])
  }

  @Test func `a repeated hour is summer time until the readings step back`() throws {
    let readings = [
      "2026-10-25T01:59:30", "2026-10-25T02:00:00", "2026-10-25T02:30:00", "2026-10-25T02:59:59",
      "2026-10-25T02:00:00", "2026-10-25T02:30:00", "2026-10-25T02:59:59", "2026-10-25T03:00:00",
      "2026-10-25T02:59:59.900",
    ]
    #expect(
      try instants("Europe/Berlin", readings) == [
        "2026-10-24T23:59:30Z", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z",
        "2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z",
        "2026-10-25T01:59:59Z", "2026-10-25T02:00:00Z", "2026-10-25T01:59:59.900Z",
      ])
    #expect(
      try meanings("Europe/Berlin", readings) == [
        .unique, .repeated, .repeated, .repeated, .repeated, .repeated, .repeated, .unique,
        .repeated,
      ])
  }

  @Test func `half an hour is repeated on Lord Howe Island`() throws {
    let readings = [
      "2026-04-05T01:30:00", "2026-04-05T01:59:00", "2026-04-05T01:30:00", "2026-04-05T01:59:00",
    ]
    #expect(
      try instants("Australia/Lord_Howe", readings) == [
        "2026-04-04T14:30:00Z", "2026-04-04T14:59:00Z", "2026-04-04T15:00:00Z",
        "2026-04-04T15:29:00Z",
      ])
  }

  @Test func `a record that is seconds late does not step back`() throws {
    #expect(
      try instants(
        "Europe/Berlin", ["2026-10-25T02:10:05", "2026-10-25T02:10:03", "2026-10-25T02:10:06"])
        == ["2026-10-25T00:10:05Z", "2026-10-25T00:10:03Z", "2026-10-25T00:10:06Z"])
  }

  @Test func `records of another time before say nothing about a repeated hour`() throws {
    #expect(
      try instants("Europe/Berlin", ["2026-12-01T00:00:00", "2026-10-25T02:10:00"])
        == ["2026-11-30T23:00:00Z", "2026-10-25T00:10:00Z"])
  }

  @Test func `an offset that is written beats the zone`() throws {
    #expect(
      try instants("Europe/Berlin", ["2026-07-01T12:00:00-05:00", "2026-07-01T12:00:00Z"])
        == ["2026-07-01T17:00:00Z", "2026-07-01T12:00:00Z"])
    let written = ["2026-10-25T02:30:00+01:00", "2026-10-25T02:20:00"]
    #expect(
      try instants("Europe/Berlin", written) == ["2026-10-25T01:30:00Z", "2026-10-25T01:20:00Z"])
  }

  @Test(arguments: [
    ("UTC", "2026-07-01T12:00:00Z"), ("+02:00", "2026-07-01T10:00:00Z"),
    ("-0530", "2026-07-01T17:30:00Z"),
  ])
  func `a fixed offset knows no summer`(_ zone: String, _ utc: String) throws {
    #expect(try instants(zone, ["2026-07-01T12:00:00"]) == [utc])
    #expect(try meanings(zone, ["2026-10-25T02:30:00"]) == [.unique])
  }

  @Test(arguments: [
    "", "Berlin", "CEST", "Europe/Atlantis", "+2", "+25:00", "+02:00x", "../../etc/passwd",
    "/etc/localtime", "Europe/Berlin ", "Europe/",
  ])
  func `what is no zone is refused`(_ name: String) {
    #expect(LocalZone(name) == nil)
  }

  @Test(arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "+05:45"])
  func `readings of a clock in order come back as its instants`(_ name: String) throws {
    let zone = try #require(LocalZone(name))
    var resolver = LocalTimeResolver(zone)
    // Every ten minutes of a year, as a clock of the place shows them.
    var instant = Timestamp(rfc3339: "2026-01-01T00:00:00Z")?.milliseconds ?? 0
    for _ in 0..<(366 * 144) {
      let reading = instant + zone.offset(at: Timestamp(milliseconds: instant)).milliseconds
      #expect(resolver.resolve(reading: reading).time.milliseconds == instant)
      instant += 600_000
    }
  }
}
