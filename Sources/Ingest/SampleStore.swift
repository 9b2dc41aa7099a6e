internal import Storage

/// Where the samples of many series go when they exceed the memory that is allowed for them.
///
/// Who holds the tracks adds up what they report as growth; when the store is full, all of them are
/// spilled one after the other. Of what is spilled memory keeps two numbers per series: blocks in
/// the scratch file are chained from the newest to the oldest.
struct SampleStore {
  /// Words before a block's numbers: the previous block's place and length, the number of samples,
  /// 1 when instants are stored one by one, and else the first instant and their distance.
  private static let headerSize = 6
  /// Words that are written at once.
  private static let batchSize = 1 << 17

  /// The bytes that samples may have in memory.
  var budget: Int
  /// The bytes they have.
  var held = 0
  private let folder: String
  private var file: ScratchFile?
  /// Words that are not written yet, and where they go. Place 0 means no block.
  private var pending: [UInt64] = []
  private var written = 1

  /// Makes an empty store.
  ///
  /// - Parameter folder: Where a scratch file goes once it is needed.
  init(budget: Int, folder: String) { (self.budget, self.folder) = (budget, folder) }

  /// Whether the tracks have to be spilled.
  var isFull: Bool { held > budget }

  /// Moves a track's samples to the scratch file.
  mutating func spill(_ track: inout SampleTrack) throws(StorageError) {
    for block in track.sealed { try append(block, to: &track) }
    if !track.open.values.isEmpty { try append(track.open, to: &track) }
    track.clear()
  }

  /// Writes what is pending; to be called after the last track of a round.
  mutating func endSpill() throws(StorageError) {
    try flush()
    pending = []
    held = 0
  }

  private mutating func append(
    _ block: SampleTrack.Block, to track: inout SampleTrack
  ) throws(StorageError) {
    let place = written + pending.count
    let isRegular = block.times.isEmpty
    pending.append(UInt64(track.newest.place))
    pending.append(UInt64(track.newest.length))
    pending.append(UInt64(block.values.count))
    pending.append(isRegular ? 0 : 1)
    pending.append(UInt64(bitPattern: block.first))
    pending.append(UInt64(bitPattern: block.step))
    for time in block.times { pending.append(UInt64(bitPattern: time)) }
    for value in block.values { pending.append(value.bitPattern) }
    track.newest = (place, written + pending.count - place)
    if pending.count >= Self.batchSize { try flush() }
  }

  private mutating func flush() throws(StorageError) {
    guard !pending.isEmpty else { return }
    let file = try openFile()
    try file.write(pending, at: written)
    written += pending.count
    pending.removeAll(keepingCapacity: true)
  }

  /// Calls `body` with a track's blocks in the order of reading.
  func forEachBlock(
    of track: SampleTrack, _ body: (SampleTrack.Block) throws -> Void
  ) throws {
    var places: [(place: Int, length: Int)] = []
    var next = track.newest
    while let file, next.length > 0 {
      places.append(next)
      let header = try file.read(count: 2, at: next.place)
      next = (Int(header[0]), Int(header[1]))
    }
    for (place, length) in places.reversed() {
      guard let file else { break }
      try body(Self.block(try file.read(count: length, at: place)))
    }
    for block in track.sealed { try body(block) }
    if !track.open.values.isEmpty { try body(track.open) }
  }

  private static func block(_ words: [UInt64]) -> SampleTrack.Block {
    var block = SampleTrack.Block()
    let count = Int(words[2])
    let values = words.count - count
    block.first = Int64(bitPattern: words[4])
    block.step = Int64(bitPattern: words[5])
    block.times = words[headerSize..<values].map { Int64(bitPattern: $0) }
    block.values = words[values...].map { Double(bitPattern: $0) }
    return block
  }

  /// The instant of the sample with an index.
  ///
  /// - Precondition: The track has that many samples.
  func time(at index: Int, of track: SampleTrack) throws -> Int64 {
    var (seen, found): (Int, Int64?) = (0, nil)
    try forEachBlock(of: track) { block in
      if found == nil, index < seen + block.values.count { found = block.time(index - seen) }
      seen += block.values.count
    }
    guard let found else { preconditionFailure("sample \(index) of \(track.count)") }
    return found
  }

  private mutating func openFile() throws(StorageError) -> ScratchFile {
    if let file { return file }
    let file = try ScratchFile(in: folder)
    self.file = file
    return file
  }
}
