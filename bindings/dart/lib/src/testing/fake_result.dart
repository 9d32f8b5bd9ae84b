import '../error_code.dart';

/// What a sign-out of a `FakeCognitoAuth` achieves.
final class FakeResult {
  const FakeResult._(this.json, [this.tokens = const {}, this.displaced = const []]);

  /// Signed out. [everywhere]: by a global sign-out, on every device.
  factory FakeResult.complete({bool everywhere = false}) => FakeResult._({
        'result': 'complete',
        'report': _report({if (everywhere) 'global_sign_out': 'done'}, everywhere: everywhere),
      });

  /// Nobody was signed in: there was nothing to do.
  factory FakeResult.nobodySignedIn() => FakeResult._({
        'result': 'complete',
        'report': _report({for (final step in _usual.keys) step: 'skipped:no_session'}, residual: false),
      });

  /// Still signed in, because of [code]: for example [ErrorCode.hostedUiCancelled].
  factory FakeResult.failed(String code) {
    final step = code.startsWith('hosted_ui_') ? 'web' : 'commit';
    return FakeResult._({
      'result': 'failed',
      'error': problem(code),
      'report': _report({
        for (final other in _usual.keys) other: 'skipped:not_reached',
        step: 'failed:$code',
      }, residual: false),
    });
  }

  /// Signed out of this device, but at least one step failed.
  ///
  /// - [revokeToken], [globalSignOut], [hostedUi] and [localCleanup]: the code why this step failed. Null: it did not.
  /// - [appSteps]: the codes of the app's own steps that failed, by their names.
  /// - [kept]: whether the debt is also on record.
  /// - [displaced]: debts of the oldest earlier sign-outs, which are partial results.
  factory FakeResult.partial({
    String? revokeToken,
    String? globalSignOut,
    String? hostedUi,
    String? localCleanup,
    Map<String, String> appSteps = const {},
    bool kept = true,
    List<FakeResult> displaced = const [],
  }) {
    if ([revokeToken, globalSignOut, hostedUi, localCleanup].nonNulls.isEmpty && appSteps.isEmpty) {
      throw ArgumentError('a partial result has at least one step that failed');
    }
    if (displaced.any((older) => older.json['result'] != 'partial')) {
      throw ArgumentError.value(displaced, 'displaced', 'each is partial');
    }
    const page = 'https://auth.example.com/logout';
    return FakeResult._(
      {
        'result': 'partial',
        'revoke_token_error': _maybeProblem(revokeToken),
        'global_sign_out_error': _maybeProblem(globalSignOut),
        'hosted_ui_error': hostedUi == null ? null : {'error': problem(hostedUi), 'url': page},
        'app_step_errors': [
          for (final MapEntry(key: name, value: code) in appSteps.entries) {'name': name, 'error': problem(code)},
        ],
        'local_cleanup_error': _maybeProblem(localCleanup),
        'kept': kept,
        'report': _report(
          {
            if (revokeToken != null) 'revoke_token': 'failed:$revokeToken',
            if (globalSignOut != null) 'global_sign_out': 'failed:$globalSignOut',
            if (hostedUi != null) 'web': 'failed:$hostedUi',
            if (localCleanup != null) 'settle': 'failed:$localCleanup',
          },
          appSteps: appSteps,
          page: hostedUi == null ? null : page,
        ),
      },
      {
        if (revokeToken != null) 'refresh_token': 'refresh token',
        if (globalSignOut != null) 'access_token': 'access token',
      },
      displaced,
    );
  }

  /// In the form of `sign_out_result`, without its number.
  final Map<String, dynamic> json;

  /// The answer of `partial_tokens`.
  final Map<String, dynamic> tokens;

  /// Those that this one has displaced.
  final List<FakeResult> displaced;

  /// A problem with this code. The texts are not the library's.
  static Map<String, dynamic> problem(String code) =>
      {'code': code, 'detail': 'a test says $code', 'recovery': 'The library says here what to do'};

  static Map<String, dynamic>? _maybeProblem(String? code) => code == null ? null : problem(code);

  /// The steps of a local sign-out of a session without a browser.
  static const _usual = {
    'web': 'skipped:not_a_browser_session',
    'commit': 'done',
    'refresh': 'skipped:not_needed',
    'global_sign_out': 'skipped:not_requested',
    'revoke_token': 'done',
    'settle': 'done',
  };

  static Map<String, dynamic> _report(
    Map<String, String> steps, {
    Map<String, String> appSteps = const {},
    bool everywhere = false,
    bool residual = true,
    String? page,
  }) =>
      {
        'steps': {..._usual, ...steps},
        'app_steps': [
          for (final MapEntry(key: name, value: code) in appSteps.entries) {'name': name, 'status': 'failed:$code'},
        ],
        'residual': [
          if (residual)
            for (final token in ['access', 'id'])
              {'token': token, 'valid_until': DateTime.now().add(const Duration(hours: 1)).millisecondsSinceEpoch},
        ],
        'signed_out_everywhere': everywhere,
        'browser_sessions': [
          if (page != null) {'provider': null, 'state': 'may_persist'},
        ],
        'logout_url': page,
        'next_sign_in': page == null ? null : 'login',
        'app_reason': null,
        'elapsed': 200,
      };
}
