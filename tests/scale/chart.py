"""Draws samples as an SVG: panels below each other over the same time."""

from xml.sax.saxutils import escape

WIDTH, PANEL, GAP = 960, 190, 44
LEFT, RIGHT, TOP = 84, 180, 56
COLOURS = ('#1b6ca8', '#d1495b', '#2e8b57', '#8d6a9f', '#c77d0a')
STEPS = (1, 2, 2.5, 5, 10)


def nice_step(top, parts=4):
    """A round distance of lines so that about `parts` of them reach `top`."""
    rough = max(top, 1e-9) / parts
    magnitude = 1.0
    while magnitude > rough:
        magnitude /= 10
    while magnitude * 10 <= rough:
        magnitude *= 10
    return next(step * magnitude for step in STEPS if step * magnitude >= rough)


def number(value):
    return f'{value:,.10g}'


class Picture:
    def __init__(self, title, seconds):
        self.seconds = max(seconds, 1e-9)
        # Minutes are easier to read once there are some.
        self.unit, self.unit_name = (60, 'min') if seconds > 300 else (1, 's')
        self.parts = [text(LEFT, 28, title, size=17, weight='bold')]
        self.bottom = TOP

    def x(self, seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / self.seconds

    def panel(self, title, series, marks=()):
        """`series`: name to points (seconds, value). None without any."""
        if not series:
            return
        top, floor = self.bottom + 22, self.bottom + PANEL
        highest = max((value for points in series.values() for _, value in points),
                      default=0)
        step = nice_step(highest)
        limit = step * max(1, -(-highest // step))
        self.parts.append(text(LEFT, top - 8, title, size=13, weight='bold'))
        for line in range(int(round(limit / step)) + 1):
            y = floor - (floor - top) * line * step / limit
            self.parts.append(rule(LEFT, y, WIDTH - RIGHT, y))
            self.parts.append(text(LEFT - 8, y + 4, number(line * step), anchor='end'))
        self._marks(marks, top, floor)
        for index, (name, points) in enumerate(series.items()):
            colour = COLOURS[index % len(COLOURS)]
            path = ' '.join(f'{self.x(s):.1f},{floor - (floor - top) * v / limit:.1f}'
                            for s, v in points)
            self.parts.append(f'<polyline points="{path}" fill="none" '
                              f'stroke="{colour}" stroke-width="1.6"/>')
            self.parts.append(text(WIDTH - RIGHT + 14, top + 12 + 18 * index, name,
                                   colour=colour))
        self._time_axis(floor)
        self.bottom = floor + GAP

    def _marks(self, marks, top, floor):
        for index, (seconds, name) in enumerate(marks):
            x = self.x(seconds)
            self.parts.append(rule(x, top, x, floor, '#999', '4 3'))
            late = seconds > 0.8 * self.seconds
            self.parts.append(text(x - 3 if late else x + 3, top + 10 + 11 * (index % 3),
                                   name, size=10, colour='#666',
                                   anchor='end' if late else 'start'))

    def _time_axis(self, floor):
        span = self.seconds / self.unit
        step = nice_step(span, 8)
        tick = 0.0
        while tick <= span * 1.0001:
            x = self.x(tick * self.unit)
            self.parts.append(rule(x, floor, x, floor + 4, '#666'))
            self.parts.append(text(x, floor + 17, number(tick), anchor='middle'))
            tick += step
        self.parts.append(text(WIDTH - RIGHT + 14, floor + 17, self.unit_name))

    def render(self):
        height = self.bottom
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
                f'height="{height}" viewBox="0 0 {WIDTH} {height}" '
                'font-family="sans-serif">\n'
                f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n'
                + '\n'.join(self.parts) + '\n</svg>\n')


def text(x, y, words, size=12, weight='normal', anchor='start', colour='#222'):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
            f'font-weight="{weight}" text-anchor="{anchor}" fill="{colour}">'
            f'{escape(words)}</text>')


def rule(x1, y1, x2, y2, colour='#ddd', dashes='none'):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-dasharray="{dashes}"/>')


def draw(title, samples):
    """The picture of a run, as text."""
    rows = samples.rows
    picture = Picture(title, rows[-1]['seconds'] if rows else 0)

    def series(*columns):
        found = {}
        for column, name in columns:
            points = [(row['seconds'], row[column]) for row in rows
                      if row.get(column) is not None]
            if points:
                found[name] = points
        return found

    marks = samples.marks
    picture.panel('Resident memory, MB', series(
        ('gateway_mb', 'gateway'), ('simulator_mb', 'simulator'),
        ('client_mb', 'client')), marks)
    picture.panel('Files, MB', series(('store_mb', 'store'), ('log_mb', 'write-ahead log')),
                  marks)
    picture.panel('Contacts open', series(('open_contacts', 'contacts')), marks)
    picture.panel('Open file descriptors of the gateway', series(('files', 'descriptors')),
                  marks)
    return picture.render()
