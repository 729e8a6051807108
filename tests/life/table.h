/* table.h - the life matrix: SCENARIO(name, how the process ends, which spans arrive and how often, what it says on standard
 * error: NULL nothing, else a part of its one line). No include guard: scenarios.c and life.c read it with other meanings.
 * ends: the exit status, or minus the signal. */

/* fork.c */
SCENARIO(fork_before_init, 0, "parent=1 child=1", NULL)
SCENARIO(fork_with_pending, 0, "parent=3 later=1 child=2", NULL)
SCENARIO(fork_during_export, 0, "parent=2 child=1", NULL)
SCENARIO(fork_during_simple_export, 0, "parent=1 child=1", NULL)
SCENARIO(fork_inside_simple_export, 0, "parent=2", NULL)
SCENARIO(fork_while_others_record, 0, "thread=2000 child=" FORKED_SPANS " parent=1", NULL)
SCENARIO(fork_from_thread, 0, "thread=1 child=1", NULL)
SCENARIO(fork_child_only_exits, 0, "parent=3", NULL)
SCENARIO(fork_of_fork, 0, "parent=1 child=1 grandchild=1", NULL)
SCENARIO(fork_with_stop_in_parallel, 0, "", NULL)
SCENARIO(daemonize, 0, "before=1 daemon=2", NULL)
SCENARIO(daemonize_pending, 0, "daemon=1", NULL)
SCENARIO(fork_exec, 0, "parent=2", NULL)
SCENARIO(exec_carries_on, 0, "outer=1 carried=1", NULL)
SCENARIO(spawn, 0, "parent=2", NULL)
SCENARIO(prefork, 0, "master=1 worker=40", NULL)

/* leave.c */
SCENARIO(return_without_stop, 7, "", NULL)
SCENARIO(return_after_stop, 3, "a=2", NULL)
SCENARIO(exit_in_thread, 5, "a=2", NULL)
SCENARIO(exit_under_load, 6, "", NULL)
SCENARIO(exit_at_once, 4, "", NULL)
SCENARIO(exit_while_exporting, 9, "", NULL)
SCENARIO(abort_pending, -6, "", NULL)
SCENARIO(quick_exit_pending, 8, "", NULL)
SCENARIO(atexit_ends_spans, 2, "a=1 late=1", NULL)
SCENARIO(atexit_after_stop, 2, "a=1", NULL)
SCENARIO(atexit_flushes, 1, "a=2 handler=1", NULL)
SCENARIO(stop_from_two_threads, 0, "a=3", NULL)
SCENARIO(stopped_twice, 0, "a=2", NULL)
SCENARIO(before_and_after, 0, "a=1", NULL)
SCENARIO(started_again, 0, "first=1 second=1", NULL)

/* threads.c */
SCENARIO(ended_by_another, 0, "left=50 own=50", NULL)
SCENARIO(detached_at_exit, 0, "", NULL)
SCENARIO(many_short_threads, 0, "short=200", NULL)
SCENARIO(key_destructor, 0, "early=1 thread=8 destructor=8", NULL)
SCENARIO(cancelled_recording, 0, "main=1", NULL)
SCENARIO(cancelled_in_simple_export, 0, "thread=1 main=1", NULL)
SCENARIO(cancelled_in_flush, 0, "main=2", NULL)
SCENARIO(cancelled_in_processor, 0, "", NULL)
SCENARIO(cancelled_in_configurator, 0, "thread=1 main=1", NULL)
SCENARIO(cancelled_while_told_off, 0, "thread=1", "ignored: an attribute without a key")
SCENARIO(small_stack, 0, "small=8", NULL)
SCENARIO(exporter_traces_itself, 0, "a=2", NULL)

/* signals.c */
SCENARIO(handlers_read_ids, 0, "a=200", NULL)
SCENARIO(handlers_run_elsewhere, 0, "a=1", NULL)
SCENARIO(errno_is_kept, 0, "a=4", NULL)

/* load.c */
SCENARIO(load_and_unload, 0, "loaded=3", NULL)
SCENARIO(plugin_unloaded, 0, "plugin work=2 host=2", NULL)
SCENARIO(from_constructors, 0, "constructor=1 main=1", NULL)

/* fds.c */
SCENARIO(stdio_closed, 0, "sent=3", NULL)
SCENARIO(stdio_closed_file, 0, "", NULL)
SCENARIO(stdio_closed_while_sending, 0, "", NULL)
SCENARIO(descriptors_exhausted, 0, "while exhausted=1 after=1", "OTLP export to")
SCENARIO(collector_fork, 0, "parent=2 child=1", NULL)
SCENARIO(fork_while_trying_again, 0, "", "OTLP export to")
SCENARIO(collector_exit, 0, "a=1", NULL)
SCENARIO(real_time_jumps, 0, "forward=1 back=1", NULL)
