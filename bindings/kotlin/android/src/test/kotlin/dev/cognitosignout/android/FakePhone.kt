package dev.cognitosignout.android

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.content.pm.ActivityInfo
import android.content.pm.PackageManager
import android.content.pm.ResolveInfo
import android.content.pm.ServiceInfo
import android.net.Uri
import android.os.Bundle
import android.util.AndroidRuntimeException
import net.bytebuddy.ByteBuddy
import net.bytebuddy.implementation.MethodDelegation
import net.bytebuddy.implementation.bind.annotation.AllArguments
import net.bytebuddy.implementation.bind.annotation.Origin
import net.bytebuddy.implementation.bind.annotation.RuntimeType
import net.bytebuddy.matcher.ElementMatchers.isAbstract
import java.io.File
import java.lang.reflect.Method
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/**
 * A device with one task, the app's. It implements only the documented rules of activities that this library relies on: all of the
 * app's activities have one thread; a start takes effect after the callback that requests it; `singleTask` and `CLEAR_TOP` close the
 * activities above, and the existing one receives `onNewIntent` and `onResume`; an activity that is not exported cannot be started
 * from outside; a context that is not an activity needs `NEW_TASK`; a destroyed activity is created again with its first intent when
 * it comes to the front; in the background nothing starts, and there is no error. Pages open in the task, like a Custom Tab.
 *
 * @param folder data that stays after the process ends. Null: none.
 */
class FakePhone(private val launcher: Class<out Activity> = MainActivity::class.java, folder: File? = null) :
    FakeDevice(folder), Activity.Host {
    /** The library's activities, and the app's own activity for the callback of a sign-in. */
    private val activities = Manifest(SCHEME, HOST).activities + Manifest.Declared(
        SignInActivity::class.java.name, exported = true, singleTask = false,
        Manifest.Filter(
            setOf(Intent.ACTION_VIEW), setOf(Intent.CATEGORY_DEFAULT, Intent.CATEGORY_BROWSABLE),
            setOf(SCHEME), setOf(SIGN_IN_HOST),
        ),
    )
    private val main = Executors.newSingleThreadExecutor { task -> Thread(task, "main").apply { isDaemon = true } }
    private val tabs = LinkedBlockingQueue<Intent>()

    /** From the bottom to the top. Only the main thread uses it. */
    private val task = mutableListOf<Entry>()

    /** Browsers with Custom Tabs, the default browser first. */
    @Volatile
    var browsers = listOf("com.android.chrome")

    /** A default browser without Custom Tabs. */
    @Volatile
    var plainBrowser: String? = null

    /** Whether the app's own activity is `singleTask`. */
    @Volatile
    var isSingleTask = false

    @Volatile
    var inForeground = true

    /** What an activity threw. */
    @Volatile
    private var crash: Throwable? = null

    /** An entry of the task: an [activity] of the app, null if it was destroyed; or, without a name, a browser's page. */
    private class Entry(val name: String?, val intent: Intent, var saved: Bundle? = null) {
        var activity: Activity? = null
        var finishing = false
    }

    // For the tests.

    /** The user taps the app's icon. */
    fun open() = onMain { launch(checkNotNull(packageManager.getLaunchIntentForPackage(packageName))) }

    /** The page that is opened next. */
    fun nextTab(): Intent = checkNotNull(tabs.poll(20, TimeUnit.SECONDS)) { "no page was opened: ${stack()}" }

    fun hasMoreTabs(): Boolean = onMain { tabs.isNotEmpty() }

    /** The user closes the page in front. */
    fun closeTab() = onMain {
        check(task.removeLast().name == null) { "no page is in front" }
        resumeTop()
    }

    /** The browser is sent to [url]. If two activities could open it, the system would ask the user. */
    fun redirect(url: String) = onMain {
        val intent = Intent(Intent.ACTION_VIEW, Uri.parse(url)).addCategory(Intent.CATEGORY_BROWSABLE)
        val answering = activities.single { it.exported && it.answers(intent) }
        launch(intent.setClassName(this, answering.name).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
    }

    /** Another app starts one of the app's activities with any data. */
    fun startFromOutside(activity: Class<out Activity>, data: String? = null) = onMain {
        val named = activities.single { it.name == activity.name }
        if (!named.exported) throw SecurityException("not exported")
        launch(Intent().setClassName(this, named.name).setData(data?.let(Uri::parse)).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
    }

    /** Memory is low, "Don't keep activities" is on, or the screen was rotated: all activities except the front one are destroyed. */
    fun destroyHidden() = onMain {
        for (entry in task.dropLast(1)) {
            entry.activity?.destroy(finishing = false)
            entry.activity = null
            entry.saved = Bundle()
        }
    }

    /** The activities, from the bottom to the top, and "page" for a browser's. */
    fun stack(): List<String> = onMain { task.map { it.name?.substringAfterLast('.') ?: "page" } }

    /** The task of an app whose process was killed while a page was in front. */
    fun restore(vararg activities: Class<out Activity>) = onMain {
        activities.forEach { task += Entry(it.name, Intent(this, it), Bundle()) }
        task += Entry(null, Intent())
    }

    // For the app.

    override fun getPackageName(): String = APP

    override fun startActivity(intent: Intent) = start(intent, null)

    override fun start(intent: Intent, caller: Activity?) {
        if (caller == null && intent.flags and Intent.FLAG_ACTIVITY_NEW_TASK == 0) {
            throw AndroidRuntimeException("from outside of an Activity: FLAG_ACTIVITY_NEW_TASK")
        }
        val installed = browsers + listOfNotNull(plainBrowser)
        if (intent.component == null && (intent.`package`?.let { it !in installed } ?: installed.isEmpty())) {
            throw ActivityNotFoundException("$intent")
        }
        if (inForeground) later { launch(Intent(intent)) }
    }

    override fun finish(activity: Activity) {
        val entry = task.single { it.activity === activity }
        entry.finishing = true
        later {
            if (task.remove(entry)) {
                activity.destroy(finishing = true)
                resumeTop()
            }
        }
    }

    override fun isTaskRoot(activity: Activity): Boolean = task.first { !it.finishing }.activity === activity

    private val packages: PackageManager by lazy {
        ByteBuddy().subclass(PackageManager::class.java).method(isAbstract()).intercept(MethodDelegation.to(Packages()))
            .make().load(FakePhone::class.java.classLoader).loaded.getDeclaredConstructor().newInstance()
    }

    override fun getPackageManager(): PackageManager = packages

    /** The few of about two hundred methods that this fake implements. */
    inner class Packages {
        @RuntimeType
        fun answer(@Origin method: Method, @AllArguments arguments: Array<Any?>): Any? = when (method.name) {
            "getLaunchIntentForPackage" -> Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_LAUNCHER)
                .setClass(this@FakePhone, launcher).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
            "resolveActivity" -> page(arguments).let { (listOfNotNull(plainBrowser) + browsers).firstOrNull()?.let(::found) }
            "queryIntentActivities" -> page(arguments).let { (browsers.reversed() + listOfNotNull(plainBrowser)).map(::found) }
            "resolveService" -> (arguments[0] as Intent).let { intent ->
                check(intent.action == "android.support.customtabs.action.CustomTabsService")
                intent.`package`.takeIf { it in browsers }?.let(::found)
            }
            else -> throw UnsupportedOperationException("$method")
        }

        /** Checks that the manifest's `queries` allow this query. */
        private fun page(arguments: Array<Any?>) = (arguments[0] as Intent).apply {
            check(action == Intent.ACTION_VIEW && scheme == "https" && hasCategory(Intent.CATEGORY_BROWSABLE))
        }

        private fun found(name: String) = ResolveInfo().apply {
            activityInfo = ActivityInfo().apply { packageName = name }
            serviceInfo = ServiceInfo().apply { packageName = name }
        }
    }

    // The implementation, on the main thread.

    private fun launch(launch: Intent) {
        val name = launch.component?.className
        if (name == null) {
            task += Entry(null, launch)
            tabs += launch
            return
        }
        val there = task.lastOrNull { it.name == name && !it.finishing }
        val isSingle = if (name == launcher.name) isSingleTask else activities.single { it.name == name }.singleTask
        if (there == null || !isSingle) {
            // Unchanged, for an app that is opened again.
            if (there == null || name != launcher.name) task += Entry(name, launch)
        } else {
            while (task.last() !== there) task.removeLast().activity?.destroy(finishing = true)
            revive(there).newIntent(launch)
        }
        resumeTop()
    }

    private fun resumeTop() {
        val top = task.lastOrNull() ?: return
        if (top.name != null && !top.finishing) revive(top).resume()
    }

    private fun revive(entry: Entry): Activity = entry.activity ?: run {
        val activity = Class.forName(checkNotNull(entry.name)).getDeclaredConstructor().newInstance() as Activity
        entry.activity = activity
        activity.create(this, this, entry.intent, entry.saved)
        activity
    }

    private fun later(what: () -> Unit) = main.execute {
        try {
            what()
        } catch (thrown: Throwable) {
            crash = thrown
        }
    }

    /** Runs it on the main thread, after earlier work, together with everything that it starts. */
    private fun <T> onMain(what: () -> T): T {
        repeat(SETTLED) { main.submit {}.get() }
        val done = main.submit(what).get()
        repeat(SETTLED) { main.submit {}.get() }
        crash?.let { throw AssertionError("the app has crashed", it) }
        return done
    }

    companion object {
        const val SCHEME = "myapp"

        /** The hosts of the callbacks: of a sign-out, and of a sign-in, which the app handles itself. */
        const val HOST = "signed-out"
        const val SIGN_IN_HOST = "callback"

        /** The number of starts that can follow from a start: three at most. */
        private const val SETTLED = 5
    }
}

/** The app's own. */
class MainActivity : Activity()

/** The app's own, or that of the library by which it signs in. */
class SignInActivity : Activity()
