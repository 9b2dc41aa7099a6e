/// The samples of one series in the order of reading: the last ones here, earlier ones sealed or in
/// a store's scratch file.
struct SampleTrack {
  /// The most samples of a block.
  static let blockSize = 4096

  /// Samples that follow each other.
  struct Block {
    /// The first instant, and the distance of the others while they are evenly spaced.
    var first: Int64 = 0
    var step: Int64 = 0
    /// Milliseconds since 1970, [samples]; empty while they are evenly spaced.
    var times: [Int64] = []
    /// [samples]
    var values: [Double] = []

    /// The instant of a sample.
    func time(_ index: Int) -> Int64 {
      times.isEmpty ? first &+ Int64(index) &* step : times[index]
    }
  }

  /// The number of samples.
  private(set) var count = 0
  /// Whether each sample is later than the one before.
  private(set) var isAscending = true
  private var last = Int64.min
  /// How many samples the open block has room for.
  private var room = 0
  var open = Block()
  var sealed: [Block] = []
  /// Where the newest block in the scratch file begins, and its length; 0 when there is none.
  var newest: (place: Int, length: Int) = (0, 0)

  /// Adds a sample and returns by how many bytes memory has grown.
  @inline(__always)
  mutating func append(_ value: Double, at time: Int64) -> Int {
    let growth = open.values.count == room ? makeRoom(for: 1) : 0
    let index = open.values.count
    open.values.append(value)
    if time <= last { isAscending = false }
    last = time
    count += 1
    if open.times.isEmpty {
      if index > 1, time == open.first &+ Int64(index) &* open.step { return growth }
      return growth + begin(time, at: index)
    }
    open.times.append(time)
    return growth
  }

  /// Adds samples that are `step` apart, which is positive; returns by how many bytes memory has
  /// grown.
  mutating func append(_ values: ArraySlice<Double>, from first: Int64, step: Int64) -> Int {
    var (growth, index, time) = (0, values.startIndex, first)
    while index < values.endIndex {
      growth += open.values.count == room ? makeRoom(for: values.endIndex - index) : 0
      let place = open.values.count
      guard open.times.isEmpty, place == 0 || place > 1,
        place == 0 || open.step == step && time == open.first &+ Int64(place) &* step
      else {
        // The spacing of what is there already goes on differently, or is not known yet.
        growth += append(values[index], at: time)
        (index, time) = (index + 1, time &+ step)
        continue
      }
      if place == 0 { (open.first, open.step) = (time, step) }
      let end = min(values.endIndex, index + room - place)
      open.values.append(contentsOf: values[index..<end])
      if time <= last { isAscending = false }
      count += end - index
      last = time &+ Int64(end - index - 1) &* step
      (index, time) = (end, last &+ step)
    }
    return growth
  }

  /// Takes the instant of a sample that the even spacing does not foretell.
  private mutating func begin(_ time: Int64, at index: Int) -> Int {
    switch index {
    case 0: open.first = time
    case 1 where !time.subtractingReportingOverflow(open.first).overflow:
      open.step = time - open.first
    default:
      open.times.reserveCapacity(room)
      for earlier in 0..<index { open.times.append(open.first &+ Int64(earlier) &* open.step) }
      open.times.append(time)
      return 8 * room
    }
    return 0
  }

  /// Seals the open block if it is full, or doubles it; returns by how many bytes memory has grown.
  private mutating func makeRoom(for wanted: Int) -> Int {
    if room == Self.blockSize {
      sealed.append(open)
      open = Block()
      room = 0
    }
    let size = min(Self.blockSize, max(room == 0 ? 16 : 2 * room, open.values.count + wanted))
    let growth = (size - room) * (open.times.isEmpty ? 8 : 16)
    room = size
    open.values.reserveCapacity(room)
    if !open.times.isEmpty { open.times.reserveCapacity(room) }
    return growth
  }

  /// Forgets what is in memory, which the caller has stored.
  mutating func clear() {
    (open, sealed, room) = (Block(), [], 0)
  }
}
