/* main.c - where the program starts. */
#include "cli/commands.h"

int main(int argc, char **argv)
{
    return cairn_main(argc, argv);
}
