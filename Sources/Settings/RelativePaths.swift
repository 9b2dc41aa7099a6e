internal import Registry

/// The folder that a file lies in.
package func folder(of path: String) -> String {
  let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    .joined(separator: "/")
  return path.hasPrefix("/") && folder.isEmpty ? "/" : folder.isEmpty ? "." : folder
}

/// A path relative to a folder, unless it is absolute or an address.
package func resolve(_ path: String, in folder: String) -> String {
  path.hasPrefix("/") || folder == "." || StoreCatalogue.isRemote(path)
    ? path : "\(folder)/\(path)"
}
