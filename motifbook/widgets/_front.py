"""What only a browser can do for an explorer: rules of style, names, and a line that is read out.

The handles of ipywidgets' sliders have no name for screen readers, and no trait gives them one;
nor can a trait say that a line is read out when it changes. `FRONT` holds the only script of the
package, one line: it gives each handle the name that stands beside its slider, and the status line
its role. A front end that runs no such scripts loses nothing else, as the number box beside each
slider has the same name, and the status line can be read like any other.
"""

from __future__ import annotations

BOX = "motifbook-explorer"  # class of the box around an explorer
STATUS = "motifbook-status"  # class of its status line

_NAME_PARTS = (
    f"const box = this.closest('.{BOX}');"
    "const name = () => {"
    f"box.querySelector('.{STATUS}')?.setAttribute('role', 'status');"
    "box.querySelectorAll('.noUi-handle:not([aria-label])').forEach(handle => {"
    "const words = handle.closest('.widget-slider').querySelector('.widget-label').textContent;"
    "const isRange = handle.closest('.noUi-base').querySelectorAll('.noUi-handle').length > 1;"
    "const end = handle.dataset.handle === '0' ? ', from' : ', to';"
    "handle.setAttribute('aria-label', isRange ? words + end : words);"
    "});"
    "};"
    "name();"
    "new MutationObserver(name).observe(box, {childList: true, subtree: true});"
)

# The name of a number box is read out but not seen: the slider before it shows the same one.
_STYLE = f"""
.{BOX} .motifbook-beside > .widget-label {{
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}}
.{BOX} .motifbook-beside > input {{ flex: none; width: 5em; }}
.{BOX} .widget-html, .{BOX} .widget-html-content {{ min-width: 0; max-width: 100%; }}
.{BOX} .widget-html-content {{ flex: 1 1 auto; overflow-wrap: break-word; }}
.{BOX} .widget-html-content > * {{ line-height: 1.5; }}
.{BOX} .widget-html-content pre {{ white-space: pre-wrap; word-break: normal; }}
.{BOX} .widget-checkbox {{ flex-shrink: 0; height: auto; max-width: 100%; }}
.{BOX} .widget-label-basic {{ min-width: 0; height: auto; line-height: 1.5; white-space: normal; }}
"""

FRONT = f'<style onload="{_NAME_PARTS}">{_STYLE}</style>'
