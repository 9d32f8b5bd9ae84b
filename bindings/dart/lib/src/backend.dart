import 'exceptions.dart';

/// What a `CognitoAuth` speaks to: the native library, or the fake for the tests of apps. Values have the forms of
/// `messages.schema.json`.
abstract interface class Backend {
  /// Carries out [method], which ends with the value of its answer.
  ///
  /// Throws an [AuthException], or an [AdoptException] from the two calls that read another library's store.
  Future<Object?> call(String method, [Map<String, Object?> args]);

  /// The messages of a subscription: [to] is `events` or `states`.
  Stream<Map<String, dynamic>> subscribe(String to);

  /// Nobody refers to the partial result with this number any more.
  void release(int partial);

  /// Calls that wait for an answer fail, and streams end.
  void close();
}
