#ifndef ENRICH_CLI_TERMINAL_H_
#define ENRICH_CLI_TERMINAL_H_

#include <istream>
#include <ostream>
#include <stop_token>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "cli/progress.h"

namespace enrich::cli {

// The outside world of a command. Data goes to `out`, all else to `err`.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  // Whether `err` can redraw a line.
  bool interactive = false;
  // Whether a person answers on `in` and sees `err`.
  bool can_ask = false;
  int width = 80;
  // Requested by Ctrl-C.
  std::stop_token stop = {};
};

// The process's own streams.
Terminal ProcessTerminal(std::stop_token stop);

// Shows progress on `err`: a bar redrawn at 10 Hz where that is possible, else
// a line every 5 s. For one thread. `terminal` and `clock` must outlive it.
class ProgressDisplay {
 public:
  ProgressDisplay(Terminal& terminal, const Clock& clock, bool quiet)
      : terminal_(terminal), clock_(clock), quiet_(quiet), last_(clock.Now()) {}

  // Whether enough time has passed for another `Show`.
  bool Due() const;
  void Show(const ProgressView& view);
  // Prints text of whole lines without disturbing the bar.
  void Print(absl::string_view text);
  // Removes the bar.
  void Clear();

 private:
  Terminal& terminal_;
  const Clock& clock_;
  const bool quiet_;
  absl::Time last_;
  bool bar_shown_ = false;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_TERMINAL_H_
