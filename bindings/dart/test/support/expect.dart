import 'package:cognito_signout/cognito_signout.dart';

import 'checks.dart';
import 'words.dart';

String resultName(CognitoSignOutResult result) => switch (result) {
      CognitoCompleteSignOut() => 'complete',
      CognitoPartialSignOut() => 'partial',
      CognitoFailedSignOut() => 'failed',
    };

/// Checks what the scenario expects, and what is true for every result: each error says what happened and what to do, carries what the
/// app needs for that, and repeats no token. [stored] are the tokens of the last stored session, [issued] all that there are.
void checkResult(CognitoSignOutResult result, Words expect, Tokens? stored, List<String> issued) {
  final expected = expect.text('result');
  final code = expect.text('error');
  final expectedErrors = {...?expect.textMap('errors'), if (code != null) 'error': code};
  final expectedStepErrors = expect.textMap('app_step_errors') ?? const {};
  final tokensReplaced = expect.flag('tokens_replaced');

  if (expected != null) same(expected, resultName(result), result);
  if (expect.maybe('signed_out_locally') case final locally?) same(locally, result.signedOutLocally);
  final errors = <String, AuthException>{};
  var stepErrors = const <AppStepFailedException>[];
  final (kept, displaced) = (expect.maybe('kept'), expect.number('displaced') ?? 0);
  switch (result) {
    case CognitoCompleteSignOut():
      break;
    case CognitoFailedSignOut(:final exception):
      errors['error'] = exception;
    case final CognitoPartialSignOut partial:
      if (partial.revokeTokenException case final exception?) errors['revoke_token'] = exception;
      if (partial.globalSignOutException case final exception?) errors['global_sign_out'] = exception;
      if (partial.hostedUiException case final exception?) errors['hosted_ui'] = exception;
      if (partial.localCleanupException case final exception?) errors['local_cleanup'] = exception;
      stepErrors = partial.appStepExceptions;
      isTrue(errors.isNotEmpty || stepErrors.isNotEmpty, 'partial without an error');
      _carries(partial, tokensReplaced ? null : stored);
      if (kept != null) same(kept, partial.kept, 'kept');
      same(displaced, partial.displaced.length, 'displaced');
  }
  if (expected != null) {
    String told(MapEntry<String, AuthException> error) => expectedErrors[error.key] == 'any' ? 'any' : error.value.code;
    same(expectedErrors, {for (final error in errors.entries) error.key: told(error)}, 'errors');
    same(expectedStepErrors, {for (final error in stepErrors) error.name: error.code}, 'app_step_errors');
  }
  _checkReport(result.report, expect);
  expect.allRead();
  [...errors.values, ...stepErrors].forEach(saysSomething);
  final text = '$result ${errors.values} $stepErrors';
  isTrue(!text.contains('SECRET'), text);
  isTrue(!issued.any(text.contains), 'a token is repeated');
}

/// The tokens come with the errors that need them, and the page with that of the browser.
void _carries(CognitoPartialSignOut partial, Tokens? stored) {
  if (partial.revokeTokenException case final exception? when stored != null) {
    isTrue(exception.refreshToken == stored.refreshToken, 'the refresh token');
  }
  if (partial.globalSignOutException case final exception? when stored != null) {
    isTrue(exception.accessToken == stored.accessToken, 'the access token');
  }
  if (partial.hostedUiException case HostedUiException(:final url)) {
    isTrue(url!.startsWith('https://auth.example.com/logout?'), url);
  }
}

void _checkReport(Report report, Words expect) {
  final steps = report.steps;
  expect.textMap('steps')?.forEach((name, expected) {
    final status = switch (name) {
      'web' => steps.web,
      'commit' => steps.commit,
      'refresh' => steps.refresh,
      'global_sign_out' => steps.globalSignOut,
      'revoke_token' => steps.revokeToken,
      'settle' => steps.settle,
      _ => throw ArgumentError('no step: $name'),
    };
    same(expected, '$status', name);
  });
  if (expect.textMap('app_steps') case final expected?) {
    same(expected, steps.app.map((name, status) => MapEntry(name, '$status')), 'app_steps');
  }
  if (expect.texts('residual') case final expected?) {
    same(expected, [for (final residual in report.residual) residual.token.word], 'residual');
  }
  if (expect.maybe('everywhere') case final expected?) same(expected, report.signedOutEverywhere, 'everywhere');
  if (expect.textMap('browser_sessions') case final expected?) {
    same(expected, {
      for (final session in report.browserSessions) session.identityProvider ?? 'hosted_ui': session.state.word,
    });
  }
  if (expect.text('next_sign_in') case final expected?) same(expected, report.nextSignIn?.word ?? 'none', 'next_sign_in');
  if (expect.text('app_reason') case final expected?) same(expected, report.appReason?.word ?? 'none', 'app_reason');
}

/// Each exception says what happened and what to do.
void saysSomething(AuthException exception) =>
    isTrue(exception.message.isNotEmpty && exception.recoverySuggestion.isNotEmpty, exception);

/// The code of the exception that [call] throws, or null.
Future<String?> refusal(Future<Object?> Function() call) async {
  try {
    await call();
    return null;
  } on AuthException catch (exception) {
    saysSomething(exception);
    return exception.code;
  }
}

/// `given`, or the case of the exception that [call] throws.
Future<String> told(Future<Tokens> Function() call) async {
  try {
    await call();
    return 'given';
  } on AuthException catch (exception) {
    return switch (exception) {
      SignedOutException() => 'signed_out',
      SessionExpiredException() => 'session_expired',
      AuthVaultException() => 'vault',
      AuthServiceException() => 'service',
      InvalidInputException() => 'invalid_input',
      _ => throw StateError('not expected: $exception'),
    };
  }
}
