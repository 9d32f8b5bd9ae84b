import 'package:cognito_signout/cognito_signout.dart';
import 'package:cognito_signout/src/adoption.dart';
import 'package:cognito_signout/src/events.dart';
import 'package:cognito_signout/src/report.dart';
import 'package:cognito_signout/src/session.dart';
import 'package:cognito_signout/src/verification.dart';

import 'support/checks.dart';

/// A native library that is newer than the package says words that the package does not know. Nothing is thrown, and nothing false is said.
void addNewerLibraryTests(Tests test) {
  test("a report with a newer library's words is read", () async {
    final report = reportOf({
      'steps': {
        for (final step in ['web', 'commit', 'refresh', 'global_sign_out', 'settle']) step: 'done',
        'revoke_token': 'postponed:until_later:today',
      },
      'app_steps': [
        {'name': 'a', 'status': 'new'}
      ],
      'residual': [
        {'token': 'new', 'valid_until': null},
        {'token': 'refresh', 'valid_until': null},
      ],
      'signed_out_everywhere': false,
      'browser_sessions': [
        {'provider': null, 'state': 'new'}
      ],
      'logout_url': null,
      'next_sign_in': 'new',
      'app_reason': null,
      'elapsed': 5,
    });
    same('postponed:until_later:today', (report.steps.revokeToken as StepUnknown).text);
    same('new', (report.steps.app['a'] as StepUnknown).text);
    same(['refresh'], [for (final residual in report.residual) residual.token.word]);
    same('may_persist', report.browserSessions.single.state.word);
    isTrue(report.nextSignIn == null, report.nextSignIn);
  });

  test('an event that is not known is skipped, and one with a reason that is not known is not lost', () async {
    final heard = await Stream.fromIterable(<Map<String, dynamic>>[
      {'event': 'new'},
      {'event': 'signed_out', 'reason': 'new'},
      {'event': 'session_expired', 'reason': 'new'},
      {'event': 'revocation_settled'},
    ]).expand(eventsOf).toList();
    same([
      'SignedOutEvent(reason: SignedOutReason.unknown, appReason: null)',
      'SessionExpiredEvent(reason: EndReason.unknown)',
      'RevocationSettledEvent()',
    ], [for (final event in heard) '$event']);
  });

  test('an answer that is not known is said to be so', () async {
    final ended = verificationOf({'verification': 'ended', 'reason': 'new'});
    isTrue(ended is SessionEnded && ended.reason == EndReason.unknown, ended);
    final exceptions = [
      (verificationOf({'verification': 'new'}) as SessionUnknown).exception,
      (sessionState({'state': 'new'}) as UnavailableState).exception,
      (adoptionOf({'adoption': 'new'}) as AdoptionRefused).exception,
    ];
    for (final exception in exceptions) {
      same(ErrorCode.nativeLibraryMissing, exception.code);
    }
    final state = sessionState({
      'state': 'signed_in',
      'session': {'sub': 'a', 'signed_in_with': 'new', 'access_token_expires': 0, 'expired': false},
    });
    same('hosted_ui', (state as SignedInState).session.signedInWith.word);
  });
}
