import 'backend.dart';
import 'native/connection.dart';
import 'secret.dart';
import 'words.dart';

/// A step of the app's own, that is a part of every sign-out. Register it where the `CognitoAuth` is made.
///
/// ```dart
/// final forgetPushToken = AppStep('forget_push_token', Phase.whileTokenLives, (session) async {
///   if (session.accessToken case final token?) await api.forgetPushToken(token.reveal());
/// });
/// ```
///
/// From the write that signs this device out, the step's name is on record. It comes off the record when the step has succeeded. If
/// the step fails, or the process ends, it runs again: in `CognitoAuth.retry`, in `CognitoAuth.resume`, or when the next user has
/// signed in. So a step can run more than once, and must be idempotent. A step that fails or hangs stops no other step.
///
/// A step may call this library. The user is signed out by then: `CognitoAuth.tokens` throws a `SignedOutException`, and another
/// `CognitoAuth.signOut` waits for this one, and so for the step.
///
/// A step fails if it throws. The exception's text can contain a token, so the result and the log have only the name of its class.
/// To say more, throw an [AppStepException].
final class AppStep {
  /// A step that [run] carries out.
  const AppStep(this.name, this.phase, this.run, {this.timeLimit});

  /// 1 to 64 of the characters `a-z`, `A-Z`, `0-9`, `_`, `-` and `.`. It must stay the same in later versions of the app: after a
  /// crash, the name on record finds the step again.
  final String name;

  /// When the step runs.
  final Phase phase;

  /// The step itself.
  final Future<void> Function(LeavingSession session) run;

  /// The longest time that the step may take. Null: 5 s. The sign-out's own deadline can end it sooner: see [Phase]. Code that runs
  /// on then does so unheard.
  final Duration? timeLimit;

  @override
  String toString() => 'AppStep(name: $name, phase: $phase, timeLimit: $timeLimit)';
}

/// When one of the app's own steps runs.
enum Phase implements Word {
  /// When the user is signed out of this device, and before Cognito is asked to end the session: the session's tokens still work. The
  /// steps of this phase run side by side, for a third of the sign-out's time at most.
  ///
  /// An access token that has expired is renewed first. With `AuthConfig.refreshTokenRotation` it is renewed only for a global
  /// sign-out, which needs it too: a new refresh token whose response is lost could never be revoked.
  whileTokenLives('while_token_lives'),

  /// At the end, when Cognito has been asked. The steps of this phase run side by side.
  afterSignOut('after_sign_out');

  const Phase(this.word);

  @override
  final String word;
}

/// What a step is told of the session that has ended. It prints no token.
final class LeavingSession {
  LeavingSession._(Map<String, dynamic> json, Map<String, dynamic> tokens)
      : sub = json['sub'] as String?,
        username = json['username'] as String?,
        accessToken = maybeSecret(tokens['access_token']),
        idToken = maybeSecret(tokens['id_token']),
        tokenState = byWord(TokenState.values, json['token_state'], unknown: TokenState.mayHaveDied),
        again = json['again'] as bool,
        signedInSince = json['signed_in_since'] as bool;

  /// The user's `sub`, if the access token can be read.
  final String? sub;

  /// The username, if the tokens name one.
  final String? username;

  /// The session's access token: only in [Phase.whileTokenLives].
  final Secret? accessToken;

  /// The session's ID token: only in [Phase.whileTokenLives].
  final Secret? idToken;

  /// Whether the tokens still work.
  final TokenState tokenState;

  /// The step has been begun before, by an earlier call or process, and may have been carried out.
  final bool again;

  /// Somebody is signed in again on this device. Remove only what belongs to the user who has left.
  final bool signedInSince;

  @override
  String toString() => 'LeavingSession(sub: $sub, username: $username, accessToken: $accessToken, idToken: $idToken, '
      'tokenState: $tokenState, again: $again, signedInSince: $signedInSince)';
}

/// Whether the tokens of a session that has ended on this device still work, as far as this device knows. A service that verifies
/// tokens offline accepts them until they expire, whatever Cognito was told.
enum TokenState implements Word {
  /// Nobody has asked Cognito to end the session yet, and the access token has not expired.
  lives('lives'),

  /// An earlier call or process may have ended the session at Cognito.
  mayHaveDied('may_have_died'),

  /// The session has ended at Cognito, or the access token has expired and could not be renewed.
  hasDied('has_died');

  const TokenState(this.word);

  @override
  final String word;
}

/// Why one of the app's own steps failed, in the app's words. Of any other exception, the result has only the name of its class.
final class AppStepException implements Exception {
  /// [reason] is text for people: it is a part of the result and the log, and should contain no secret. A text that contains one of the
  /// session's tokens is left out.
  const AppStepException(this.reason);

  /// Text for people.
  final String reason;

  @override
  String toString() => 'AppStepException: $reason';
}

/// The setting for [step].
Map<String, Object?> appStepJson(AppStep step) =>
    {'name': step.name, 'phase': step.phase.word, 'time_limit': step.timeLimit?.inMilliseconds};

/// [steps] as the library asks them. [backend] is only there when it asks.
Port appStepPort(List<AppStep> steps, Backend Function() backend) => (question) async {
      Map<String, Object?> failed(String why) => {
            'error': {'case': 'failed', 'detail': why},
          };
      try {
        final asked = question.asked;
        final tokens = asked['has_tokens'] == true
            ? await backend().call('step_tokens', {'step': question.id}) as Map<String, dynamic>
            : const <String, dynamic>{};
        final step = steps.firstWhere((step) => step.name == asked['name']);
        await step.run(LeavingSession._(asked, tokens));
        return const {'ok': null};
      } on AppStepException catch (exception) {
        return failed(exception.reason);
      } catch (thrown) {
        // Its own text may contain a token.
        return failed("the app's step threw ${thrown.runtimeType}");
      }
    };
