/// A value that crosses to the library as a word.
abstract interface class Word {
  /// The word. It never changes: for logs and metrics.
  String get word;
}

/// The value whose word is [word]. A newer library can have words that this version does not know. Those are [unknown], because an
/// answer must not get lost: a sign-out that has signed out never throws.
T byWord<T extends Word>(List<T> values, Object? word, {required T unknown}) => maybeByWord(values, word) ?? unknown;

/// The value whose word is [word]. Null if this version does not know it.
T? maybeByWord<T extends Word>(List<T> values, Object? word) {
  for (final value in values) {
    if (value.word == word) return value;
  }
  return null;
}

/// The time that is [milliseconds] after 1970, in UTC. Null if it is null.
DateTime? maybeTime(Object? milliseconds) =>
    milliseconds == null ? null : DateTime.fromMillisecondsSinceEpoch(milliseconds as int, isUtc: true);

/// The answer that says why one of the app's ports has failed.
Map<String, Object?> failure(Word kind, String detail) => {
      'error': {'case': kind.word, 'detail': detail},
    };
