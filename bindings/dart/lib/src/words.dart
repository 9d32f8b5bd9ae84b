/// A value that crosses to the library as a word.
abstract interface class Word {
  /// The word. It never changes: for logs and metrics.
  String get word;
}

/// The value whose word is [word].
T byWord<T extends Word>(List<T> values, Object? word) => values.firstWhere((value) => value.word == word);

/// The time that is [milliseconds] after 1970, in UTC. Null if it is null.
DateTime? maybeTime(Object? milliseconds) =>
    milliseconds == null ? null : DateTime.fromMillisecondsSinceEpoch(milliseconds as int, isUtc: true);

/// The answer that says why one of the app's ports has failed.
Map<String, Object?> failure(Word kind, String detail) => {
      'error': {'case': kind.word, 'detail': detail},
    };
