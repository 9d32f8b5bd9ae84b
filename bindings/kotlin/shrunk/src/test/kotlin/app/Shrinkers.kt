package app

import com.android.tools.r8.ArchiveProgramResourceProvider
import com.android.tools.r8.CompilationMode
import com.android.tools.r8.Diagnostic
import com.android.tools.r8.DiagnosticsHandler
import com.android.tools.r8.JdkClassFileProvider
import com.android.tools.r8.OutputMode
import com.android.tools.r8.R8
import com.android.tools.r8.R8Command
import com.android.tools.r8.origin.Origin
import proguard.Configuration
import proguard.ConfigurationParser
import proguard.ProGuard
import java.io.File
import java.util.Properties

/** Makes one jar of the classes of [inputs], jars and folders, by [rules]. */
internal fun interface Shrinker {
    fun shrink(inputs: List<File>, rules: String, app: File)
}

/** What Android's builds use. It shrinks, renames and optimises. */
internal val r8 = Shrinker { inputs, rules, app ->
    val command = R8Command.builder(WarningsAndErrors)
        .addLibraryResourceProvider(JdkClassFileProvider.fromSystemJdk())
        .addProguardConfiguration(rules.lines(), Origin.unknown())
        .setMode(CompilationMode.RELEASE)
        .setOutput(app.toPath(), OutputMode.ClassFile)
    val (folders, jars) = inputs.partition(File::isDirectory)
    command.addProgramFiles(folders.flatMap(File::walk).filter { it.extension == "class" }.map(File::toPath))
    for (jar in jars) {
        val classes = ArchiveProgramResourceProvider.fromArchive(jar.toPath()) { name ->
            ArchiveProgramResourceProvider.includeClassFileEntries(name) && name != "module-info.class"
        }
        command.addProgramResourceProvider(classes)
    }
    R8.run(command.build())
}

/** It would also say that the rules name what this app has not. */
private object WarningsAndErrors : DiagnosticsHandler {
    override fun info(info: Diagnostic) = Unit
}

/** Shrinks and renames. Its optimizer has made code of coroutines that no JVM takes, and R8 has one of its own. */
internal val proGuard = Shrinker { inputs, rules, app ->
    val modules = listOf("java.base", "java.logging", "java.desktop").map { "${System.getProperty("java.home")}/jmods/$it.jmod" }
    val configuration = File("$app.pro").apply {
        writeText(
            """
            ${inputs.joinToString("\n") { "-injars '$it'(!META-INF/versions/**,!module-info.class,**.class)" }}
            -outjars '$app'
            ${modules.joinToString("\n") { "-libraryjars '$it'(!**.jar;!module-info.class)" }}
            -dontnote **
            -dontoptimize
            $rules
            """.trimIndent(),
        )
    }
    app.delete()
    val parsed = Configuration()
    ConfigurationParser(configuration, Properties()).use { it.parse(parsed) }
    ProGuard(parsed).execute()
}
