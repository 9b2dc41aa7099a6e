import Foundation
import Ingest
import Storage
import Testing

@Suite struct PublishedCatalogueTests {
  @Test func `the catalogue in the repository is the program's`() throws {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = try FileSystem.readFile(
      at: package.path + "/datasets/catalog.yaml", limit: 1 << 20)
    #expect(
      String(decoding: file, as: UTF8.self) == PublishedDataset.catalogue(),
      "write it again with 'autopilot dataset catalog --yaml'")
  }

  @Test func `every dataset has parts with check sums`() {
    for dataset in PublishedDataset.allCases {
      #expect(!dataset.knownParts.isEmpty, "\(dataset)")
      #expect(dataset.knownParts.allSatisfy { $0.sha256.utf8.count == 64 })
    }
  }

  @Test func `a part that was changed differs from the catalogue, another is unknown to it`() throws
  {
    let folder = try TestFolder([
      "Apache/Apache_2k.log": "[Sun Dec 04 04:47:44 2005] [notice] fine\n",
      "data/x/own.csv": "timestamp,value\n", "labels/combined_windows.json": "{}",
    ])
    #expect(try PublishedDataset.loghub.authenticity(of: "Apache", in: folder.path) == .different)
    #expect(try PublishedDataset.nab.authenticity(of: "x/own", in: folder.path) == .unknown)
  }

  @Test func `the check sum is that of sha256sum's lines, plain or compressed`() throws {
    let plain = try TestFolder(["Spark/Spark_2k.log": "a\n"])
    let compressed = try TestFolder()
    try compressed.write("Spark/Spark_2k.log.gz", Gzip.compress(Array("a\n".utf8)))
    let line = SHA256Digest.hexadecimal(of: Array("a\n".utf8)) + "  Spark/Spark_2k.log\n"
    let expected = SHA256Digest.hexadecimal(of: Array(line.utf8))
    for folder in [plain, compressed] {
      #expect(try PublishedDataset.loghub.checksum(of: "Spark", in: folder.path) == expected)
    }
  }

  @Test func `a folder of something else is refused by its missing part`() throws {
    let folder = try TestFolder(["notes.txt": ""])
    for dataset in PublishedDataset.allCases {
      let error = #expect(throws: IngestError.self) { try dataset.parts(in: folder.path) }
      #expect(error?.description.contains("expected the dataset '\(dataset.rawValue)'") == true)
    }
  }
}

@Suite(.enabled(if: PublicData.has("smd"), Comment(rawValue: PublicData.hint)))
struct PublishedFilesTests {
  @Test(arguments: PublishedDataset.allCases)
  func `the public files are those of the catalogue`(_ dataset: PublishedDataset) throws {
    let path = "\(PublicData.root)/\(dataset.rawValue)"
    let parts = try dataset.parts(in: path)
    #expect(parts == dataset.knownParts.map(\.part))
    for part in parts {
      #expect(try dataset.authenticity(of: part, in: path) == .verified, "\(part)")
    }
  }
}
