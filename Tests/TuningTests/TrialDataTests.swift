import Diagnostics
import Pipeline
import Telemetry
import Testing
import Tuning

@Suite struct TrialDataTests {
  private let split = Split(
    train: [Self.range(0..<600)], calibration: [Self.range(600..<840)],
    test: [Self.range(840..<1200)])

  private static func range(_ cells: Range<Int>) -> TimeRange {
    TimeRange(
      start: smallGrid.timestamp(at: cells.lowerBound - 1),
      end: smallGrid.timestamp(at: cells.upperBound - 1))
  }

  @Test func `nothing of the test time is in it`() throws {
    let data = try TrialData(smallSystem(), split: split, validation: 0.4)
    #expect(data.dataset.grid.count == 840)
    #expect(data.dataset.incidents.map(\.id) == ["INC-0", "INC-1", "INC-2", "INC-3"])
    var otherLabels = smallIncidents
    otherLabels[4] = 850..<1000
    otherLabels[5] = 1100..<1101
    let other = try TrialData(
      smallSystem(later: 7, incidents: otherLabels), split: split, validation: 0.4)
    #expect(other.dataset == data.dataset)
    #expect(other.split == data.split)
  }

  @Test func `the last part of the fit time is judged, with as much calibration before it`() throws
  {
    let data = try TrialData(smallSystem(), split: split, validation: 0.4)
    func cells(_ ranges: [TimeRange]) -> [Range<Int>] {
      ranges.map { smallGrid.indices(in: $0) }
    }
    #expect(cells(data.split.test) == [504..<840])
    #expect(cells(data.split.train) == [0..<264])
    #expect(cells(data.split.calibration) == [264..<504])
    let long = try TrialData(smallSystem(), split: split, validation: 0.6)
    #expect(cells(long.split.calibration) == [168..<336])
    #expect(data.incidents == 3)
  }

  @Test func `a test before the fit time or within it is cut out`() throws {
    let around = Split(
      train: [Self.range(100..<500)], calibration: [Self.range(700..<1000)],
      test: [Self.range(0..<100), Self.range(500..<700)])
    let data = try TrialData(smallSystem(), split: around, validation: 0.3)
    #expect(data.dataset.grid.count == 900)
    #expect(data.dataset.incidents.map(\.id) == ["INC-0", "INC-3", "INC-4"])
    for frame in data.dataset.services {
      #expect((400..<600).allSatisfy { frame.row($0).allSatisfy(\.isNaN) })
      #expect((400..<600).allSatisfy { frame.logs?.recorded[$0] == false })
      #expect(frame.logs?.counts.contains { (400..<600).contains($0.row) } == false)
    }
    #expect(data.split.train.count + data.split.calibration.count + data.split.test.count == 4)
  }

  @Test func `an incident that is open at the end was over then, for all that is known`() throws {
    let data = try TrialData(
      smallSystem(incidents: [100..<112, 830..<900]), split: split, validation: 0.4)
    #expect(data.dataset.incidents[1].resolved == data.dataset.grid.range.end)
  }

  @Test func `without an incident to judge on it says what to do`() {
    func refusal(_ incidents: [Range<Int>]) -> String {
      do {
        _ = try TrialData(smallSystem(incidents: incidents), split: split, validation: 0.4)
        return "nothing"
      } catch let error as TuningError {
        #expect(error.kind == .invalidInput)
        return error.description
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal([100..<112, 900..<920]).contains("enlarge --validation"))
    #expect(refusal([900..<920]).contains("label incidents of that time"))
    #expect(refusal([600..<620]) == "nothing")
  }
}
