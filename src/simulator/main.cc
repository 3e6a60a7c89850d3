#include "simulator/command_line.h"

int main(int argc, char** argv) {
  return enrich::simulator::RunCommandLine(argc, argv);
}
