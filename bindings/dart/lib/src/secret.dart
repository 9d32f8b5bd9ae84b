/// A token or a client secret. It prints as `<redacted>`.
///
/// The value is an ordinary string of Dart's, which cannot be wiped: it stays in memory until the garbage collector frees it.
final class Secret {
  /// Wraps a value.
  const Secret(this._value);

  final String _value;

  /// The value itself. Call it only where you use the value.
  String reveal() => _value;

  @override
  bool operator ==(Object other) => other is Secret && other._value == _value;

  /// The same for all secrets: a hash would reveal something about the value.
  @override
  int get hashCode => 0;

  @override
  String toString() => '<redacted>';
}

/// The secret that [value] is, or null.
Secret? maybeSecret(Object? value) => value == null ? null : Secret(value as String);
