import 'dart:ffi';

import 'backend.dart';
import 'exceptions.dart';
import 'report.dart';

/// What a sign-out achieved. There will be no fourth case.
sealed class CognitoSignOutResult {
  CognitoSignOutResult._(Map<String, dynamic> json) : report = reportOf(json['report']);

  /// Whether the user is signed out of this device: true except for [CognitoFailedSignOut].
  bool get signedOutLocally;

  /// The outcome of each step, and what other services still accept.
  final Report report;
}

/// Signed out. Every requested step is done.
final class CognitoCompleteSignOut extends CognitoSignOutResult {
  CognitoCompleteSignOut._(super.json) : super._();

  @override
  bool get signedOutLocally => true;

  @override
  String toString() => 'CognitoCompleteSignOut(report: $report)';
}

/// Signed out of this device, but at least one step failed. `CognitoAuth.retry` tries the failed steps again. It cannot help if
/// `GlobalSignOut` failed and `RevokeToken` succeeded, because Cognito no longer accepts the access token: the user has to sign in
/// again, and then sign out globally. It cannot help either once the `CognitoAuth` that has returned it is closed.
final class CognitoPartialSignOut extends CognitoSignOutResult implements Finalizable {
  CognitoPartialSignOut._(this._backend, super.json, Map<String, dynamic> tokens, this.displaced)
      : _id = json['partial'] as int,
        _exceptions = partialExceptions(json, tokens),
        kept = json['kept'] as bool,
        super._() {
    _release.attach(this, (_backend, _id));
  }

  static final _release = Finalizer<(Backend, int)>((held) => held.$1.release(held.$2));

  final Backend _backend;
  final int _id;
  final ({
    HostedUiException? hostedUi,
    GlobalSignOutException? globalSignOut,
    RevokeTokenException? revokeToken,
    LocalCleanupException? localCleanup,
    List<AppStepFailedException> appSteps,
  }) _exceptions;

  /// The browser's session was not ended.
  HostedUiException? get hostedUiException => _exceptions.hostedUi;

  /// The user's other sessions are still valid.
  GlobalSignOutException? get globalSignOutException => _exceptions.globalSignOut;

  /// This session's refresh token is still valid.
  RevokeTokenException? get revokeTokenException => _exceptions.revokeToken;

  /// Paid or handed-over debts could not be removed from the keychain.
  LocalCleanupException? get localCleanupException => _exceptions.localCleanup;

  /// The app's own steps that failed, or that are on record and not registered. `CognitoAuth.retry` runs these again, and no other
  /// step of the app. See `AppStep`.
  List<AppStepFailedException> get appStepExceptions => _exceptions.appSteps;

  /// Whether the unpaid debt is also on record. If so, `CognitoAuth.resume`, `CognitoAuth.settlePending` and the next sign-in try it
  /// again. If not, the tokens in these exceptions exist nowhere else.
  final bool kept;

  /// Debts of the oldest earlier sign-outs. They were removed from the record because this sign-out left more than
  /// `UnpaidRevocations.keep` allows. Pass each to `CognitoAuth.retry`: their tokens exist nowhere else.
  final List<CognitoPartialSignOut> displaced;

  @override
  bool get signedOutLocally => true;

  @override
  String toString() => 'CognitoPartialSignOut(hostedUiException: $hostedUiException, '
      'globalSignOutException: $globalSignOutException, revokeTokenException: $revokeTokenException, '
      'localCleanupException: $localCleanupException, appStepExceptions: $appStepExceptions, kept: $kept, '
      'displaced: $displaced, report: $report)';
}

/// Still signed in. Nothing has changed.
final class CognitoFailedSignOut extends CognitoSignOutResult {
  CognitoFailedSignOut._(super.json)
      : exception = stepException(json['error']),
        super._();

  /// The reason.
  final AuthException exception;

  @override
  bool get signedOutLocally => false;

  @override
  String toString() => 'CognitoFailedSignOut(exception: $exception, report: $report)';
}

/// The result that [json] describes. The tokens of a partial one are asked for.
Future<CognitoSignOutResult> signOutResult(Backend backend, Object? json) async {
  json as Map<String, dynamic>;
  return switch (json['result']) {
    'complete' => CognitoCompleteSignOut._(json),
    'failed' => CognitoFailedSignOut._(json),
    _ => await _partial(backend, json),
  };
}

Future<CognitoPartialSignOut> _partial(Backend backend, Map<String, dynamic> json) async {
  final tokens = await backend.call('partial_tokens', {'partial': json['partial']}) as Map<String, dynamic>;
  return CognitoPartialSignOut._(backend, json, tokens, [
    for (final older in json['displaced'] as List) await _partial(backend, older as Map<String, dynamic>),
  ]);
}

/// The number by which the library knows a partial result of this handle or of another one.
Map<String, Object?> partialJson(CognitoPartialSignOut partial) => {'partial': partial._id};
