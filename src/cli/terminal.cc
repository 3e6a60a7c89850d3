#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <utility>

namespace enrich::cli {
namespace {

constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr absl::Duration kLine = absl::Seconds(5);

bool CanRedraw() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && term != nullptr &&
         std::string(term) != "dumb";
}

int Width() {
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Terminal ProcessTerminal(std::stop_token stop) {
  return Terminal{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .interactive = CanRedraw(),
      .can_ask = isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0,
      .width = Width(),
      .stop = std::move(stop)};
}

bool ProgressDisplay::Due() const {
  return !quiet_ &&
         clock_.Now() - last_ >= (terminal_.interactive ? kRedraw : kLine);
}

void ProgressDisplay::Show(const ProgressView& view) {
  if (quiet_) return;
  last_ = clock_.Now();
  if (!terminal_.interactive) {
    terminal_.err << RenderLine(view) << std::endl;
    return;
  }
  // One column stays free: terminals wrap at the last.
  terminal_.err << "\r" << RenderBar(view, terminal_.width - 1) << "\x1b[K"
                << std::flush;
  bar_shown_ = true;
}

void ProgressDisplay::Print(absl::string_view text) {
  if (quiet_) return;
  Clear();
  terminal_.err << text << std::flush;
}

void ProgressDisplay::Clear() {
  if (!bar_shown_) return;
  terminal_.err << "\r\x1b[K" << std::flush;
  bar_shown_ = false;
}

}  // namespace enrich::cli
