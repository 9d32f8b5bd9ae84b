import 'backend.dart';
import 'browser.dart';
import 'results.dart';

/// How far a sign-out has come if the app opens the browser itself.
sealed class SignOutProgress {
  const SignOutProgress._();
}

/// Show this page in the user's browser, and pass the outcome to `CognitoAuth.finishSignOut`.
final class SignOutShow extends SignOutProgress {
  const SignOutShow._(this.visit) : super._();

  /// The page.
  final WebVisit visit;

  @override
  String toString() => 'SignOutShow($visit)';
}

/// The callback did not belong to this sign-out, or the sign-out had already ended. Nothing has changed.
final class SignOutIgnored extends SignOutProgress {
  const SignOutIgnored._() : super._();

  @override
  String toString() => 'SignOutIgnored()';
}

/// The sign-out has ended.
final class SignOutFinished extends SignOutProgress {
  const SignOutFinished._(this.result) : super._();

  /// What it achieved.
  final CognitoSignOutResult result;

  @override
  String toString() => 'SignOutFinished($result)';
}

/// The outcome of the page that the app opened.
sealed class BrowserAnswer {
  const BrowserAnswer._();

  /// The browser was sent to [callback], a whole URL.
  const factory BrowserAnswer.redirected(String callback) = BrowserRedirected;

  /// The browser did not come back.
  const factory BrowserAnswer.failed(BrowserException exception) = BrowserFailed;
}

/// The browser was sent to a callback URL.
final class BrowserRedirected extends BrowserAnswer {
  /// The answer.
  const BrowserRedirected(this.callback) : super._();

  /// The whole URL.
  final String callback;
}

/// The browser did not come back.
final class BrowserFailed extends BrowserAnswer {
  /// The answer.
  const BrowserFailed(this.exception) : super._();

  /// The reason.
  final BrowserException exception;
}

/// What `CognitoAuth.resume` found at launch.
final class Resumed {
  Resumed._(this.settled, this.webStep);

  /// The outcome of each debt of an earlier sign-out, the oldest first. A debt that could not be paid is
  /// [CognitoPartialSignOut.kept] and tried again. The exception is a debt that a retry cannot pay, or that is past its age: it is
  /// removed from the record, and only this list reports it.
  final List<CognitoSignOutResult> settled;

  /// A web step was in progress when the process ended: the user is still signed in. If the callback has arrived, pass it to
  /// `CognitoAuth.finishSignOut`; otherwise show the page again. After its time is over, any answer ends the sign-out with
  /// `hosted_ui_timed_out`.
  final WebVisit? webStep;

  @override
  String toString() => 'Resumed(settled: $settled, webStep: $webStep)';
}

/// The progress that [json] describes.
Future<SignOutProgress> progressOf(Backend backend, Object? json) async {
  json as Map<String, dynamic>;
  return switch (json['progress']) {
    'show' => SignOutShow._(webVisit(json['visit'] as Map<String, dynamic>)),
    'finished' => SignOutFinished._(await signOutResult(backend, json['result'])),
    _ => const SignOutIgnored._(),
  };
}

/// The arguments of `finish_sign_out`.
Map<String, Object?> browserAnswerJson(BrowserAnswer answer) => switch (answer) {
      BrowserRedirected(:final callback) => {'callback': callback},
      BrowserFailed(:final exception) => {
          'error': {'case': exception.kind.word, 'detail': exception.detail},
        },
    };

/// The results that [json] lists.
Future<List<CognitoSignOutResult>> settledResults(Backend backend, Object? json) async =>
    [for (final result in json! as List) await signOutResult(backend, result)];

/// What [json] describes.
Future<Resumed> resumedOf(Backend backend, Object? json) async {
  json as Map<String, dynamic>;
  return Resumed._(
    await settledResults(backend, json['settled']),
    switch (json['web_step']) {
      final Map<String, dynamic> visit => webVisit(visit),
      _ => null,
    },
  );
}
