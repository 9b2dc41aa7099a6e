import Companions
import Exporters
import Telemetry
import Testing

@Suite struct TimeExpressionTests {
  @Test(arguments: [
    ("now", TimeExpression.beforeNow(.zero)), ("-7d", .beforeNow(.days(7))),
    ("-1h30m", .beforeNow(.minutes(90))),
    ("2026-01-05T00:00:00Z", .instant(Timestamp(seconds: 1_767_571_200))),
    ("2026-01-05T01:00:00+01:00", .instant(Timestamp(seconds: 1_767_571_200))),
  ])
  func `instants and spans before now are read`(text: String, expected: TimeExpression) {
    #expect(TimeExpression(text) == expected)
  }

  @Test(arguments: ["", "-", "7d", "--7d", "yesterday", "-7", "+1h"])
  func `anything else is refused`(text: String) { #expect(TimeExpression(text) == nil) }

  @Test func `relative instants are whole multiples of the step, fixed ones stay`() {
    let now = Timestamp(milliseconds: 1_767_571_234_567)
    #expect(
      TimeExpression.beforeNow(.hours(1)).resolved(at: now, unit: .minutes(5))
        == Timestamp(seconds: 1_767_567_600))
    #expect(
      TimeExpression.instant(now).resolved(at: .init(milliseconds: 0), unit: .hours(1)) == now)
  }

  @Test(arguments: ["now", "-7d", "-1h30m", "2026-01-05T00:00:00Z"])
  func `a description reads back as the same`(text: String) {
    #expect(TimeExpression(text)?.description == text)
  }
}
