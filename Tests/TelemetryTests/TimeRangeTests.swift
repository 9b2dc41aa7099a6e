import Telemetry
import Testing

@Suite struct TimeRangeTests {
  private func range(_ start: Int64, _ end: Int64) -> TimeRange {
    TimeRange(start: Timestamp(milliseconds: start), end: Timestamp(milliseconds: end))
  }

  @Test func `a range holds its end and not its start`() {
    let range = range(-10, 10)
    #expect(!range.contains(Timestamp(milliseconds: -10)))
    #expect(range.contains(Timestamp(milliseconds: -9)))
    #expect(range.contains(Timestamp(milliseconds: 10)))
    #expect(!range.contains(Timestamp(milliseconds: 11)))
    #expect(range.length == TimeSpan(milliseconds: 20))
  }

  @Test func `ranges overlap exactly when an instant lies in both`() {
    for a in -3...3 as ClosedRange<Int64> {
      for b in a...4 {
        for c in -3...3 as ClosedRange<Int64> {
          for d in c...4 {
            let (one, other) = (range(a, b), range(c, d))
            let shared = (-4...5 as ClosedRange<Int64>).contains {
              let time = Timestamp(milliseconds: $0)
              return one.contains(time) && other.contains(time)
            }
            #expect(one.overlaps(other) == shared, "(\(a), \(b)] and (\(c), \(d)]")
          }
        }
      }
    }
  }

  @Test func `consecutive ranges share no instant`() {
    #expect(!range(0, 5).overlaps(range(5, 9)))
    #expect(range(0, 5).overlaps(range(4, 9)))
  }

  @Test func `an end before the start traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = TimeRange(start: Timestamp(milliseconds: 1), end: Timestamp(milliseconds: 0))
    }
  }
}
