package dev.cognitosignout.android

import android.app.Activity
import android.app.ActivityManager
import android.app.ActivityTaskManager
import android.app.Application
import android.app.IActivityTaskManager
import android.app.IApplicationThread
import android.app.ProfilerInfo
import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.ActivityInfo
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Bundle
import android.os.Handler
import android.os.IBinder
import android.view.MotionEvent
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowInstrumentation
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/**
 * The part of the system that Robolectric lacks: tasks. Everything else is the framework's own code: activities, intents, and the
 * merged manifest. It implements only the documented rules that this library relies on:
 *
 * - All of the app's activities have one thread. A start takes effect after the callback that requests it.
 * - An activity opens in the task that starts it. With `NEW_TASK`, or if it is `singleTask`, it opens in the last used task of its
 *   affinity, and in a new one if there is none.
 * - An activity stays on the display of the activity that starts it.
 * - `singleTask` and `CLEAR_TOP` close the activities above, and the existing one receives `onNewIntent` and `onResume`.
 * - A launcher that opens a running app brings its task to the front.
 * - An activity that is not exported cannot be started from outside. In the background nothing starts, and there is no error.
 * - A destroyed activity is created again, with its first intent and its saved state, when it comes to the front.
 * - A Custom Tab is a page in the task that starts it. A browser without them shows its page in a task of its own.
 * - An Auth Tab is the same, and answers the activity that started it: with the redirect, or when it is closed. The activity gets the
 *   answer before `onNewIntent` and `onResume`.
 */
class FakePhone(authTab: Boolean = false) {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val packages: PackageManager = app.packageManager
    private val browsers = mutableListOf<String>()
    private val tabs = LinkedBlockingQueue<Intent>()

    /** From the back to the front. Only the main thread uses it. */
    private val tasks = mutableListOf<Task>()

    /** Whether an activity is destroyed as soon as it is not in front: the developer option "Don't keep activities". */
    @Volatile
    var keepsActivities = true

    @Volatile
    var inForeground = true

    /** What an activity threw. */
    @Volatile
    private var crash: Throwable? = null

    /** Its [affinity] is null if no activity chooses it: that of a browser, or of an activity with an empty `taskAffinity`. */
    private class Task(val affinity: String?, val display: Int = 0) {
        /** From the bottom to the top. */
        val entries = mutableListOf<Entry>()
    }

    /** A place in a task: of an activity with this [name], which may be destroyed; or, without a name, of a browser's page. */
    private class Entry(val name: String?, val intent: Intent, var saved: Bundle? = null) {
        /** For an Auth Tab: which activity it answers. */
        var answers: Entry? = null

        /** Answers that the activity has not received yet: a result code and a URL. */
        val answered = mutableListOf<Pair<Int, String?>>()
        var controller: ActivityController<*>? = null
        var isResumed = false
        var isStopped = false

        fun isFinishing() = controller?.get()?.isFinishing == true
    }

    init {
        TaskManager.phone = this
        install(CHROME, authTab = authTab)
    }

    // For the tests.

    /** Installs a browser, and makes it the default browser. */
    fun install(browser: String, customTabs: Boolean = true, authTab: Boolean = false) {
        val name = ComponentName(browser, "Main")
        val pages = IntentFilter(Intent.ACTION_VIEW).apply {
            addCategory(Intent.CATEGORY_DEFAULT)
            addCategory(Intent.CATEGORY_BROWSABLE)
            addDataScheme("https")
        }
        shadowOf(packages).addActivityIfNotPresent(name)
        shadowOf(packages).addIntentFilterForActivity(name, pages)
        browsers.forEach(packages::clearPackagePreferredActivities)
        browsers += browser
        @Suppress("DEPRECATION")
        packages.addPreferredActivity(pages, IntentFilter.MATCH_CATEGORY_SCHEME, null, name)
        if (!customTabs) return
        val service = ComponentName(browser, "Service")
        shadowOf(packages).addServiceIfNotPresent(service)
        val tabs = IntentFilter(CUSTOM_TABS_SERVICE).apply { if (authTab) addCategory(CATEGORY_AUTH_TAB) }
        shadowOf(packages).addIntentFilterForService(service, tabs)
    }

    fun uninstall(browser: String) {
        shadowOf(packages).removeActivity(ComponentName(browser, "Main"))
        shadowOf(packages).removeService(ComponentName(browser, "Service"))
    }

    /** As if the app had declared its first activity in another way. */
    fun declareMain(change: ActivityInfo.() -> Unit) {
        val name = ComponentName(app, MainActivity::class.java)
        shadowOf(packages).addOrUpdateActivity(packages.getActivityInfo(name, 0).apply(change))
    }

    /** The user taps the app's icon. */
    fun open() = onMain { launch(launcher(), null) }

    /** The user opens a second window of the app. */
    fun openAnotherWindow(display: Int = 0) = onMain {
        tasks += Task(app.packageName, display).apply { entries += Entry(MainActivity::class.java.name, launcher()) }
        settle()
    }

    /** The activity in front. */
    fun activity(): Activity = onMain { checkNotNull(front().entries.last().controller).get() }

    /** The display of the task in front. */
    fun display(): Int = onMain { front().display }

    /** The user switches to the task that was in front before. */
    fun switchTask() = onMain {
        toFront(tasks[tasks.size - 2])
        settle()
    }

    /** The page that is opened next. */
    fun nextTab(): Intent = checkNotNull(tabs.poll(20, TimeUnit.SECONDS)) { "no page was opened: ${stack()}" }

    fun hasMoreTabs(): Boolean = onMain { tabs.isNotEmpty() }

    /** The user closes the page in front. */
    fun closeTab() = closeTab(Activity.RESULT_CANCELED)

    /** The Auth Tab in front closes itself with this result. */
    fun closeTab(result: Int) = onMain {
        val page = front().entries.removeLast()
        check(page.name == null) { "no page is in front" }
        page.answer(result)
        settle()
    }

    /** The user touches the app's activity that is in front, or the one below a page that is still opening. */
    fun touch() = onMain {
        val touch = MotionEvent.obtain(0, 0, MotionEvent.ACTION_DOWN, 0f, 0f, 0)
        checkNotNull(front().entries.last { it.name != null }.controller).get().dispatchTouchEvent(touch)
        settle()
    }

    /** The user makes the page in front small: it floats above the app, in a task of its own. Or moves it into the browser. */
    fun minimiseTab() = onMain {
        val page = front().entries.removeLast()
        check(page.name == null) { "no page is in front" }
        tasks.add(tasks.size - 1, Task(affinity = null).apply { entries += page })
        settle()
    }

    /** The browser is sent to [url]. If two activities could open it, the system would ask the user. */
    fun redirect(url: String) = onMain {
        val task = tasks.lastOrNull { it.entries.lastOrNull()?.name == null }
        val page = task?.entries?.last()
        if (page != null && page.endsAt(Uri.parse(url))) {
            task.entries -= page
            page.answer(Activity.RESULT_OK, url)
            return@onMain settle()
        }
        val intent = Intent(Intent.ACTION_VIEW, Uri.parse(url)).addCategory(Intent.CATEGORY_BROWSABLE)
        val found = packages.queryIntentActivities(intent, PackageManager.MATCH_DEFAULT_ONLY).single().activityInfo
        startFromOutside(intent.setClassName(app, found.name))
    }

    /** Another app starts one of the app's activities with any data. */
    fun startFromOutside(activity: Class<out Activity>, data: String? = null) = onMain {
        startFromOutside(Intent(app, activity).setData(data?.let(Uri::parse)))
    }

    /** The activities in the task in front, from the bottom to the top, and "page" for a browser's. */
    fun stack(): List<String> = onMain { names(front()) }

    /** The same of all tasks, from the back to the front. */
    fun stacks(): List<List<String>> = onMain { tasks.map(::names) }

    /** The task of an app whose process was killed while a page was in front. */
    fun restore(vararg activities: Class<out Activity>, authTab: Boolean = false) = onMain {
        val task = Task(app.packageName)
        activities.forEach { task.entries += Entry(it.name, Intent(app, it), Bundle()) }
        val page = Entry(null, Intent().putExtra(EXTRA_REDIRECT_SCHEME, SCHEME))
        if (authTab) page.answers = task.entries.last()
        task.entries += page
        tasks += task
    }

    // For the app.

    /** Any thread calls it. Returns a result of `ActivityManager`. */
    fun start(intent: Intent, caller: IBinder?, forResult: Boolean): Int {
        val isThere = if (intent.component != null) intent.resolveActivityInfo(packages, 0) else packages.resolveActivity(intent, 0)
        if (isThere == null) return ActivityManager.START_INTENT_NOT_RESOLVED
        if (!inForeground) return ActivityManager.START_ABORTED
        // The activity may finish before its start takes effect.
        val from = caller?.let { tasks.last { task -> task.entries.any { it.controller?.get()?.activityToken === caller } } }
        val answers = if (forResult) from!!.entries.single { it.controller?.get()?.activityToken === caller } else null
        Handler(app.mainLooper).post { guarded { launch(Intent(intent), from, answers) } }
        return ActivityManager.START_SUCCESS
    }

    // The implementation, on the main thread.

    private fun launcher() = checkNotNull(packages.getLaunchIntentForPackage(app.packageName))

    private fun startFromOutside(intent: Intent) {
        if (!packages.getActivityInfo(intent.component!!, 0).exported) throw SecurityException("not exported")
        launch(intent.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK), null)
    }

    private fun launch(intent: Intent, from: Task?, answers: Entry? = null) {
        if (intent.component == null) {
            val isTab = intent.hasExtra(EXTRA_SESSION) && hasCustomTabs(intent.`package`)
            val page = Entry(null, intent).also { it.answers = answers }
            open(page, if (isTab) checkNotNull(from) else Task(affinity = null))
            tabs += intent
        } else {
            launch(intent, packages.getActivityInfo(intent.component!!, 0), from)
        }
        settle()
    }

    private fun hasCustomTabs(browser: String?) = browser != null &&
        packages.resolveService(Intent(CUSTOM_TABS_SERVICE).setPackage(browser), 0) != null

    private fun launch(intent: Intent, info: ActivityInfo, from: Task?) {
        val isSingle = info.launchMode == ActivityInfo.LAUNCH_SINGLE_TASK
        val task = when {
            isSingle || has(intent, Intent.FLAG_ACTIVITY_NEW_TASK) -> tasks.filter { from == null || it.display == from.display }.lastOrNull {
                if (info.taskAffinity == null) it.entries.firstOrNull()?.name == info.name else it.affinity == info.taskAffinity
            }
            else -> checkNotNull(from)
        } ?: Task(info.taskAffinity, from?.display ?: 0)
        val there = task.entries.lastOrNull { it.name == info.name && !it.isFinishing() }
        if (there != null && (isSingle || has(intent, Intent.FLAG_ACTIVITY_CLEAR_TOP))) {
            toFront(task)
            while (task.entries.last() !== there) task.entries.removeLast().finish()
            there.receive()
            controller(there).newIntent(intent)
        } else if (there != null && intent.hasCategory(Intent.CATEGORY_LAUNCHER)) {
            toFront(task)
        } else {
            open(Entry(info.name, intent), task)
        }
    }

    private fun has(intent: Intent, flag: Int) = intent.flags and flag != 0

    private fun front() = tasks.last()

    private fun names(task: Task) = task.entries.map { it.name?.substringAfterLast('.') ?: "page" }

    private fun toFront(task: Task) {
        tasks -= task
        tasks += task
    }

    private fun open(entry: Entry, task: Task) {
        task.entries += entry
        toFront(task)
    }

    /** Removes the activities that finish, and leaves only the one in front resumed. */
    private fun settle() {
        while (true) {
            for (task in tasks) {
                val finishing = task.entries.filter { it.isFinishing() }
                task.entries -= finishing
                finishing.forEach { it.finish() }
            }
            tasks.removeAll { it.entries.isEmpty() }
            val front = tasks.lastOrNull()?.entries?.last()
            tasks.flatMap { it.entries }.filter { it !== front }.forEach { it.leave() }
            if (front?.name == null) return
            if (front.isResumed) {
                if (front.answered.isEmpty()) return
                // Android pauses an activity while it gets an answer.
                front.controller?.pause()
            }
            front.resume()
        }
    }

    private fun Entry.resume() {
        val controller = controller(this)
        receive()
        shadowOf(controller.get()).setIsTaskRoot(front().entries.first() === this)
        if (isStopped) controller.restart()
        controller.resume()
        isStopped = false
        isResumed = true
    }

    /** It is not in front any more. */
    private fun Entry.leave() {
        val controller = controller ?: return
        stop(controller)
        if (keepsActivities) return
        saved = Bundle().also(controller::saveInstanceState)
        controller.destroy()
        this.controller = null
        isStopped = false
    }

    private fun Entry.stop(controller: ActivityController<*>) {
        if (isResumed) controller.pause()
        if (!isStopped) controller.stop()
        isResumed = false
        isStopped = true
    }

    /** Whether it is an Auth Tab that ends at this URL. */
    private fun Entry.endsAt(url: Uri): Boolean = answers != null && when (url.scheme) {
        "https" -> url.host == intent.getStringExtra(EXTRA_HTTPS_REDIRECT_HOST) &&
            url.path == intent.getStringExtra(EXTRA_HTTPS_REDIRECT_PATH)
        else -> url.scheme == intent.getStringExtra(EXTRA_REDIRECT_SCHEME)
    }

    private fun Entry.answer(result: Int, url: String? = null) {
        answers?.answered?.add(result to url)
    }

    private fun Entry.receive() {
        val activity = controller(this).get()
        answered.forEach { (result, url) ->
            val data = url?.let { Intent().setData(Uri.parse(it)) }
            ReflectionHelpers.callInstanceMethod<Unit>(
                Activity::class.java, activity, "dispatchActivityResult",
                ClassParameter.from(String::class.java, null), ClassParameter.from(Int::class.java, 0),
                ClassParameter.from(Int::class.java, result), ClassParameter.from(Intent::class.java, data),
                ClassParameter.from(String::class.java, "test"),
            )
        }
        answered.clear()
    }

    private fun Entry.finish() {
        answer(Activity.RESULT_CANCELED)
        val controller = controller ?: return
        stop(controller)
        controller.get().finish()
        controller.destroy()
    }

    /** Creates the activity, if it was destroyed or is new. */
    private fun controller(entry: Entry): ActivityController<*> = entry.controller ?: run {
        val activity = Class.forName(checkNotNull(entry.name)).asSubclass(Activity::class.java)
        val controller = Robolectric.buildActivity(activity, entry.intent)
        entry.controller = controller
        controller.create(entry.saved).start()
    }

    private fun guarded(what: () -> Unit) = try {
        what()
    } catch (thrown: Throwable) {
        crash = thrown
    }

    /** Runs it on the main thread, after earlier work, together with everything that it starts. */
    private fun <T> onMain(what: () -> T): T {
        val system = ShadowInstrumentation.getInstrumentation()
        val done = mutableListOf<T>()
        system.waitForIdleSync()
        system.runOnMainSync { done += what() }
        system.waitForIdleSync()
        crash?.let { throw AssertionError("the app has crashed", it) }
        return done.single()
    }

    companion object {
        const val CHROME = "com.android.chrome"
        const val SCHEME = "myapp"

        /** The hosts of the callbacks: of a sign-out, and of a sign-in, which the app handles itself. */
        const val HOST = "signed-out"
        const val SIGN_IN_HOST = "callback"
    }
}

/** Replaces the class of the framework that asks the system to start an activity. */
@Implements(value = ActivityTaskManager::class, isInAndroidSdk = false)
class TaskManager {
    private class Service(others: IActivityTaskManager) : IActivityTaskManager by others {
        override fun startActivity(
            thread: IApplicationThread?, callingPackage: String?, callingFeature: String?, intent: Intent, type: String?,
            resultTo: IBinder?, resultWho: String?, requestCode: Int, flags: Int, profiler: ProfilerInfo?, options: Bundle?,
        ): Int = checkNotNull(phone).start(intent, resultTo, forResult = requestCode >= 0)
    }

    companion object {
        @Volatile
        var phone: FakePhone? = null

        @JvmStatic
        @Implementation
        fun getService(): IActivityTaskManager = Service(ReflectionHelpers.createDeepProxy(IActivityTaskManager::class.java))
    }
}

/** The app's own. */
class MainActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        atLaunch()
    }

    companion object {
        var atLaunch: () -> Unit = {}
    }
}

/** The app's own, or that of the library by which it signs in. */
class SignInActivity : Activity()
