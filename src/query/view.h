/* view.h - the inside of trace views, shared by view.c and spansets*.c only. */
#ifndef QUERY_VIEW_H
#define QUERY_VIEW_H

#include "query/spansets.h"
#include "query/trace_tree.h"

struct view_lazy {
    bool has_tree, has_facts;
    struct trace_tree tree;
    struct trace_facts facts;
    struct tree_facts of_row; /* of the last view_span */
    struct span span;         /* of the last view_value */
};

#endif
