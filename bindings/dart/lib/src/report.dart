import 'options.dart';
import 'words.dart';

/// The outcome of each step, and what other services still accept.
final class Report {
  Report._(Map<String, dynamic> json)
      : steps = Steps._(json['steps'] as Map<String, dynamic>, json['app_steps'] as List),
        residual = [
          for (final token in json['residual'] as List)
            if (maybeByWord(TokenKind.values, (token as Map)['token']) case final kind?)
              Residual._(kind, maybeTime(token['valid_until'])),
        ],
        signedOutEverywhere = json['signed_out_everywhere'] as bool,
        browserSessions = [
          for (final session in json['browser_sessions'] as List) BrowserSession._(session as Map<String, dynamic>)
        ],
        logoutUrl = json['logout_url'] as String?,
        nextSignIn = maybeByWord(Prompt.values, json['next_sign_in']),
        appReason = switch (json['app_reason']) {
          null => null,
          final word => AppReason(word as String),
        },
        elapsed = Duration(milliseconds: json['elapsed'] as int);

  /// The outcome of each step.
  final Steps steps;

  /// Tokens that are still accepted. A service that verifies tokens offline accepts an access or ID token until it expires, whatever
  /// Cognito was told. The refresh token is listed if Cognito cannot revoke it.
  final List<Residual> residual;

  /// Whether every session of the user has ended, on every device. False if a global sign-out found nobody signed in.
  final bool signedOutEverywhere;

  /// The sessions in the user's browser, and the outcome of each.
  final List<BrowserSession> browserSessions;

  /// The page that ends the sessions that may persist in the browser, if one is known.
  final String? logoutUrl;

  /// The `prompt` that the next sign-in should use, so that it does not silently reuse a session that may persist in the browser.
  final Prompt? nextSignIn;

  /// Why the app signed out, if a call said so ([SignOutOptions.reason]). A later payment of what is owed has it too.
  final AppReason? appReason;

  /// The duration of the call.
  final Duration elapsed;

  @override
  String toString() => 'Report(steps: $steps, residual: $residual, signedOutEverywhere: $signedOutEverywhere, '
      'browserSessions: $browserSessions, logoutUrl: $logoutUrl, nextSignIn: $nextSignIn, appReason: $appReason, '
      'elapsed: $elapsed)';
}

/// The report that [json] describes.
Report reportOf(Object? json) => Report._(json as Map<String, dynamic>);

/// The six steps of a sign-out, in the order in which they run; and the app's own steps.
final class Steps {
  Steps._(Map<String, dynamic> json, List<dynamic> app)
      : web = StepStatus._of(json['web'] as String),
        commit = StepStatus._of(json['commit'] as String),
        refresh = StepStatus._of(json['refresh'] as String),
        globalSignOut = StepStatus._of(json['global_sign_out'] as String),
        revokeToken = StepStatus._of(json['revoke_token'] as String),
        settle = StepStatus._of(json['settle'] as String),
        app = {
          for (final step in app) (step as Map)['name'] as String: StepStatus._of(step['status'] as String),
        };

  /// Ends the browser's session at the hosted pages: in the browser, or as a part of `RevokeToken`.
  final StepStatus web;

  /// Reads the record, and signs this device out with one write.
  final StepStatus commit;

  /// Gets a valid access token for `GlobalSignOut`.
  final StepStatus refresh;

  /// `GlobalSignOut` ends every session of the user.
  final StepStatus globalSignOut;

  /// `RevokeToken` revokes this session's refresh token.
  final StepStatus revokeToken;

  /// Removes paid and handed-over debts from the keychain.
  final StepStatus settle;

  /// The app's own steps, by name: all that are registered; in a retry or a payment, those that were still owed. See `AppStep`.
  final Map<String, StepStatus> app;

  @override
  String toString() => 'Steps(web: $web, commit: $commit, refresh: $refresh, globalSignOut: $globalSignOut, '
      'revokeToken: $revokeToken, settle: $settle, app: $app)';
}

/// The outcome of one step.
sealed class StepStatus {
  const StepStatus._(this._text);

  factory StepStatus._of(String text) => switch (text.split(':')) {
        ['done'] => const StepDone(),
        ['requested'] => const StepRequested(),
        ['owed'] => const StepOwed(),
        ['skipped', final why] => StepSkipped(why),
        ['failed', final code] => StepFailed(code),
        _ => StepUnknown(text),
      };

  /// As the library says it.
  final String _text;

  @override
  bool operator ==(Object other) => other is StepStatus && other.runtimeType == runtimeType && other._text == _text;

  @override
  int get hashCode => _text.hashCode;

  @override
  String toString() => _text;
}

/// The step is done.
final class StepDone extends StepStatus {
  /// The status.
  const StepDone() : super._('done');
}

/// Cognito has accepted the request, and nothing confirms that it was carried out: the step `web` with [WebPolicy.byRevocation].
final class StepRequested extends StepStatus {
  /// The status.
  const StepRequested() : super._('requested');
}

/// One of the app's own steps is on record, and nothing here can do it, because no step of this name is registered.
final class StepOwed extends StepStatus {
  /// The status.
  const StepOwed() : super._('owed');
}

/// The step was not needed, or not reached.
final class StepSkipped extends StepStatus {
  /// The status.
  const StepSkipped(this.why) : super._('skipped:$why');

  /// The reason, for example `no_session`. These strings never change.
  final String why;
}

/// The step failed.
final class StepFailed extends StepStatus {
  /// The status.
  const StepFailed(this.code) : super._('failed:$code');

  /// An `ErrorCode`, for example `network_unavailable`.
  final String code;
}

/// The library says something that this version of the package does not know: it is older than the library.
final class StepUnknown extends StepStatus {
  /// The status.
  const StepUnknown(this.text) : super._(text);

  /// What the library says.
  final String text;
}

/// A token that is still accepted. Services that verify tokens offline accept an access or ID token; Cognito accepts a refresh token.
final class Residual {
  const Residual._(this.token, this.validUntil);

  /// The kind of token.
  final TokenKind token;

  /// Its `exp`. Null for a refresh token, which does not contain it.
  final DateTime? validUntil;

  @override
  String toString() => 'Residual(token: $token, validUntil: $validUntil)';
}

/// The kind of token.
enum TokenKind implements Word {
  /// The access token.
  access('access'),

  /// The ID token.
  id('id'),

  /// The refresh token of a session that Cognito cannot revoke. Every copy of it still works.
  refresh('refresh');

  const TokenKind(this.word);

  @override
  final String word;
}

/// A session in the user's browser when the sign-out began.
final class BrowserSession {
  BrowserSession._(Map<String, dynamic> json)
      : identityProvider = json['provider'] as String?,
        state = byWord(BrowserSessionState.values, json['state'], unknown: BrowserSessionState.mayPersist);

  /// The identity provider's name in the user pool. Null for the session at the hosted pages.
  final String? identityProvider;

  /// Its outcome.
  final BrowserSessionState state;

  @override
  String toString() => 'BrowserSession(identityProvider: $identityProvider, state: $state)';
}

/// The outcome of a browser's session, as far as the library can see it.
enum BrowserSessionState implements Word {
  /// The site ended it and sent the browser back.
  ended('ended'),

  /// The site has been asked to end it, without a page. It does so within a few seconds, and nothing confirms it.
  endRequested('end_requested'),

  /// It was not ended, or its end cannot be seen. The end of a provider's session can never be seen.
  mayPersist('may_persist');

  const BrowserSessionState(this.word);

  @override
  final String word;
}

/// The `prompt` that the next sign-in should use.
enum Prompt implements Word {
  /// Sign in again, even if there is a session.
  login('login'),

  /// Choose the account at the provider. Cognito only passes this on: name the provider in the URL.
  selectAccount('select_account');

  const Prompt(this.word);

  @override
  final String word;
}
