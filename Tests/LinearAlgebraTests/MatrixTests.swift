import LinearAlgebra
import Testing

@Suite struct MatrixTests {
  private let matrix = Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])

  @Test func `elements lie row after row`() {
    #expect(matrix[0, 2] == 3)
    #expect(matrix[1, 0] == 4)
    #expect(Array(matrix.row(1)) == [4, 5, 6])
  }

  @Test func `an element can be replaced`() {
    var changed = matrix
    changed[1, 1] = 9
    #expect(changed.elements == [1, 2, 3, 4, 9, 6])
  }

  @Test func `rows are added at the end`() {
    var grown = Matrix(rows: 0, columns: 2)
    grown.append(row: [1, 2])
    grown.append(row: [3, 4][...])
    #expect(grown == Matrix(rows: 2, columns: 2, elements: [1, 2, 3, 4]))
  }

  @Test func `rows are selected in the order asked for, repeats included`() {
    #expect(
      matrix.selecting(rows: [1, 0, 1])
        == Matrix(rows: 3, columns: 3, elements: [4, 5, 6, 1, 2, 3, 4, 5, 6]))
    #expect(matrix.selecting(rows: []) == Matrix(rows: 0, columns: 3))
  }

  @Test func `a matrix without columns still has rows`() {
    var empty = Matrix(rows: 1, columns: 0)
    empty.append(row: [])
    #expect(empty.rows == 2 && empty.row(1).isEmpty)
  }

  @Test func `mismatched shapes trap`() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix(rows: 1, columns: 2, elements: [])
    }
    await #expect(processExitsWith: .failure) {
      _ = Matrix(rows: -1, columns: -2, elements: [1, 2])
    }
  }

  @Test func `a row of another width traps`() async {
    await #expect(processExitsWith: .failure) {
      var matrix = Matrix(rows: 0, columns: 2)
      matrix.append(row: [1])
    }
  }

  @Test func `an element or a row outside traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix(rows: 2, columns: 2)[0, 2]
    }
    await #expect(processExitsWith: .failure) {
      _ = Matrix(rows: 2, columns: 2)[1, -1]
    }
    await #expect(processExitsWith: .failure) {
      _ = Matrix(rows: 2, columns: 0).row(2)
    }
  }
}
