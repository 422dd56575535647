#include "cli/commands.hpp"

int main(int argc, char** argv) { return exeunt::cli::run(argc, argv); }
