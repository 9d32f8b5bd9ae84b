// A stand-in: see README.md one folder up.
import 'dart:async';

class Key {}

abstract class BuildContext {}

abstract class Widget {
  const Widget({Key? key});

  /// What is inside, for [texts] and [press].
  List<Widget> get inside => const [];
}

abstract class StatefulWidget extends Widget {
  const StatefulWidget({super.key});

  State<StatefulWidget> createState();
}

abstract class State<T extends StatefulWidget> {
  late T widget;
  bool mounted = true;

  void initState() {}
  void dispose() => mounted = false;
  void setState(void Function() change) => change();
  Widget build(BuildContext context);
}

class Text extends Widget {
  const Text(this.data, {super.key});

  final String data;
}

class _Box extends Widget {
  const _Box(this.inside, {super.key});

  @override
  final List<Widget> inside;
}

class MaterialApp extends _Box {
  MaterialApp({required Widget home, super.key}) : super([home]);
}

class Scaffold extends _Box {
  Scaffold({Widget? appBar, Widget? body, super.key}) : super([if (appBar != null) appBar, if (body != null) body]);
}

class AppBar extends _Box {
  AppBar({Widget? title, super.key}) : super([if (title != null) title]);
}

class Center extends _Box {
  Center({Widget? child, super.key}) : super([if (child != null) child]);
}

class Column extends _Box {
  const Column({List<Widget> children = const [], Key? key}) : super(children, key: key);
}

class FilledButton extends _Box {
  FilledButton({required this.onPressed, required Widget child, super.key}) : super([child]);

  final FutureOr<void> Function()? onPressed;
}

class AppLifecycleListener {
  AppLifecycleListener({this.onResume}) {
    _all.add(this);
  }

  static final _all = <AppLifecycleListener>{};

  final void Function()? onResume;

  void dispose() => _all.remove(this);
}

late State<StatefulWidget> _running;

void runApp(StatefulWidget app) {
  _running = app.createState();
  _running.widget = app;
  _running.initState();
}

/// The texts on the screen, in order. For tests.
List<String> texts() => [for (final widget in _onScreen()) if (widget is Text) widget.data];

/// Presses the button with this text. For tests.
Future<void> press(String text) async {
  bool says(Widget widget) => widget is Text && widget.data == text;
  final buttons = _onScreen().whereType<FilledButton>();
  await buttons.singleWhere((button) => button.inside.any(says)).onPressed!();
}

/// The app comes to the front. For tests.
void comeToTheFront() => [for (final listener in AppLifecycleListener._all) listener.onResume?.call()];

/// The app ends. For tests.
void endApp() => _running.dispose();

Iterable<Widget> _onScreen() => _below(_running.build(_Context()));

Iterable<Widget> _below(Widget widget) sync* {
  yield widget;
  for (final inside in widget.inside) {
    yield* _below(inside);
  }
}

class _Context implements BuildContext {}
