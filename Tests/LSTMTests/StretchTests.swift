import LSTM
import LinearAlgebra
import Testing

@Suite struct StretchTests {
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `every step of every sequence is in exactly one stretch`(seed: UInt64) {
    var generator = Philox(seed: seed, stream: 0)
    let steps = [0, 1, 9, 10, 11, 100, 237]
    let stretches = Stretch.shuffled(steps: steps, length: 10, using: &generator)
    var visits = steps.map { [Int](repeating: 0, count: $0) }
    for stretch in stretches {
      #expect((1...10).contains(stretch.steps))
      for step in stretch.start..<stretch.start + stretch.steps {
        visits[stretch.sequence][step] += 1
      }
    }
    #expect(visits.allSatisfy { $0.allSatisfy { $0 == 1 } })
    #expect(stretches.filter { $0.sequence < 4 }.allSatisfy { $0.steps == steps[$0.sequence] })
  }

  @Test func `cuts and order differ between epochs and repeat for one seed`() {
    func stretches(_ seed: UInt64) -> [Stretch] {
      var generator = Philox(seed: seed, stream: 0)
      return Stretch.shuffled(steps: [1000], length: 50, using: &generator)
    }
    #expect(stretches(1) == stretches(1))
    #expect(stretches(1) != stretches(2))
    #expect(Set(stretches(1).map(\.start)) != Set(stretches(2).map(\.start)))
    #expect(stretches(1).map(\.start) != stretches(1).map(\.start).sorted())
  }

  @Test func `groups are few and even`() {
    #expect(Stretch.groups(of: 0, limit: 4).isEmpty)
    #expect(Stretch.groups(of: 4, limit: 4) == [0..<4])
    #expect(Stretch.groups(of: 9, limit: 4) == [0..<3, 3..<6, 6..<9])
    for count in 1..<60 {
      let groups = Stretch.groups(of: count, limit: 7)
      #expect(groups.map(\.count).reduce(0, +) == count)
      #expect(groups.allSatisfy { (1...7).contains($0.count) })
    }
  }
}
