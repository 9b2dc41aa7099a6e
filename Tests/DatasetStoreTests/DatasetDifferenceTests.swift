import DatasetStore
import Telemetry
import Testing

@Suite struct DatasetDifferenceTests {
  private func difference(_ change: (inout Dataset) -> Void) -> DatasetDifference {
    var other = Samples.small
    change(&other)
    return DatasetDifference(Samples.small, other)
  }

  @Test func `a dataset does not differ from itself, missing values included`() {
    #expect(difference { _ in }.isEmpty)
    #expect(
      difference { $0.lineage = DatasetLineage(programVersion: "1", configuration: "{}") }.isEmpty)
  }

  @Test func `a cell that differs is counted and its instant named`() {
    let found = difference {
      $0.services[1].values[3] = 7
      $0.services[1].values[2] = 1
    }
    #expect(found.changedServices.map(\.name) == ["api"])
    #expect(found.changedServices.first?.differentCells == 2)
    #expect(found.changedServices.first?.commonCells == 6)
    #expect(found.changedServices.first?.firstDifference == Samples.small.grid.timestamp(at: 1))
    #expect(!found.isEmpty)
  }

  @Test func `cells are compared by their instants`() {
    let found = difference {
      // The same without the first row.
      $0.grid = TimeGrid(
        first: $0.grid.timestamp(at: 1), interval: $0.grid.interval, count: $0.grid.count - 1)
      $0.services[1].values.removeFirst(2)
      $0.services[1].logs = Samples.small.services[1].logs
    }
    #expect(found.commonInstants == 2)
    #expect(found.firstGrid != found.secondGrid)
    #expect(found.changedServices.isEmpty)
  }

  @Test func `services, columns, sources and incidents are compared by name`() {
    let found = difference {
      $0.services.removeFirst()
      $0.services[0].columns[0].name = "down"
      $0.services[0].columns[1].kind = .gauge
      $0.services[0].logs = nil
      $0.sources[0].sha256 = "00"
      $0.incidents[0].kind = "other"
      $0.incidents[1].id = "i3"
      $0.publishedTestStart = nil
      $0.report.samples += 1
    }
    #expect(found.services.removed == ["a/b ☃"] && found.services.added.isEmpty)
    let service = found.changedServices.first
    #expect(service?.columns.removed == ["up"] && service?.columns.added == ["down"])
    #expect(service?.redescribed == ["requests_total{code=\"500\"}"])
    #expect(service?.logsDiffer == true && service?.differentCells == 0)
    #expect(found.sources.added == ["x.json 00"])
    #expect(found.incidents.added == ["i3"] && found.incidents.removed == ["i2"])
    #expect(found.changedIncidents == ["i1"])
    #expect(found.testStartsDiffer && found.reportsDiffer)
  }
}
