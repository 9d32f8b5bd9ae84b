import 'dart:async';
import 'dart:convert';

/// Tests without `package:test`, which the machine that checks this repository cannot get.
final class Tests {
  final _tests = <(String, Future<void> Function())>[];

  /// Adds a test.
  void call(String name, Future<void> Function() body) => _tests.add((name, body));

  /// How many have run.
  int ran = 0;

  /// Runs those with a part of [only] in their names, or all if there is none; [atOnce] side by side. Returns the names of those that
  /// failed.
  Future<List<String>> run({List<String> only = const [], int atOnce = 1, bool quietly = false}) async {
    final failed = <String>[];
    final left = _tests.where((test) => only.isEmpty || only.any(test.$1.contains)).iterator;
    Future<void> worker() async {
      while (left.moveNext()) {
        final (name, body) = left.current;
        ran++;
        try {
          // Much too long: every call answers by itself.
          await body().timeout(const Duration(minutes: 2));
        } catch (error, stack) {
          failed.add(name);
          if (!quietly) print('FAILED $name: $error\n$stack');
        }
      }
    }

    await Future.wait([for (var i = 0; i < atOnce; i++) worker()]);
    return failed;
  }

  int get length => _tests.length;
}

/// Fails unless [actual] is [expected], compared as JSON.
void same(Object? expected, Object? actual, [Object? what = '']) {
  final (want, got) = (jsonEncode(_sorted(expected)), jsonEncode(_sorted(actual)));
  if (want != got) throw StateError('$what: $want was expected, and $got came');
}

Object? _sorted(Object? value) => switch (value) {
      final Map<Object?, Object?> map => {
          for (final key in map.keys.map((key) => '$key').toList()..sort()) key: _sorted(map[key]),
        },
      final List<Object?> list => [for (final item in list) _sorted(item)],
      _ => value,
    };

/// Fails unless it is true.
void isTrue(bool so, Object? what) {
  if (!so) throw StateError('$what');
}

/// The exception of type [T] that [call] throws.
Future<T> throws<T extends Object>(FutureOr<Object?> Function() call) async {
  try {
    final value = await call();
    throw StateError('no $T, but $value');
  } on T catch (exception) {
    return exception;
  }
}

/// Waits until it is true, at most 20 seconds.
Future<void> eventually(FutureOr<bool> Function() so, [Object? what = 'it']) async {
  final watch = Stopwatch()..start();
  while (!await so()) {
    if (watch.elapsed > const Duration(seconds: 20)) throw StateError('$what never came');
    await Future<void>.delayed(const Duration(milliseconds: 10));
  }
}
